/** One audit event on its way to the security operations centre. */
export interface SiemEvent {
  /** Position in its stream; events are sent once and in order. */
  seq: number;
  stream: string;
  atIso: string;
  type: string;
  actor: string;
  findingKey?: string;
  digest: string;
  fields: Readonly<Record<string, string | number | boolean>>;
}
/** Where audit events go. `send` returns when the other side has them; the caller keeps the position. */
export interface Siem {
  readonly name: string;
  send(events: readonly SiemEvent[]): Promise<void>;
}
