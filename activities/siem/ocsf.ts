import type { SiemEvent } from './port.js';

/** Version of the schema that the names below are of (https://schema.ocsf.io). */
const SCHEMA_VERSION = '1.3.0';

/** Severities of OCSF: 1 informational, 2 low, 3 medium, 4 high. */
type SeverityId = 1 | 2 | 3 | 4;

/** An audit event in the Open Cybersecurity Schema Framework: a Base Event whose own fields are under `unmapped`. */
export interface OcsfEvent {
  category_uid: 0;
  class_uid: 0;
  activity_id: 99;
  activity_name: string;
  type_uid: 99;
  severity_id: SeverityId;
  status_id: 1 | 2;
  /** Milliseconds since the epoch. */
  time: number;
  message: string;
  metadata: {
    version: string;
    product: { name: string; vendor_name: string };
    /** The row's hash: what an auditor checks it against. */
    uid: string;
    /** Number of the row; grows by one, so that a reader sees a gap or a repetition. */
    sequence: number;
    log_name: string;
  };
  unmapped: { actor: string; finding_key?: string; fields: SiemEvent['fields'] };
}

/** Ends of event types that say "this was not allowed" or "this went wrong". */
const SEVERITY_BY_END: ReadonlyMap<string, SeverityId> = new Map([
  ['refused', 4],
  ['forged', 4],
  ['failed', 3],
  ['rolled-back', 3],
  ['stopped', 3],
  ['erased', 2],
  ['revoked', 2],
]);

/** Maps an audit event to OCSF. */
export function toOcsf(event: SiemEvent): OcsfEvent {
  const severity = severityOf(event.type);
  return {
    category_uid: 0,
    class_uid: 0,
    activity_id: 99,
    activity_name: event.type,
    type_uid: 99,
    severity_id: severity,
    status_id: severity >= 3 ? 2 : 1,
    time: Date.parse(event.atIso),
    message: `${event.type} by ${event.actor}`,
    metadata: {
      version: SCHEMA_VERSION,
      product: { name: 'Curtail', vendor_name: 'Curtail' },
      uid: event.digest,
      sequence: event.seq,
      log_name: event.stream,
    },
    unmapped: {
      actor: event.actor,
      ...(event.findingKey !== undefined && { finding_key: event.findingKey }),
      fields: event.fields,
    },
  };
}

/** How much an event of this type matters to an operations centre. */
export function severityOf(type: string): SeverityId {
  return SEVERITY_BY_END.get(type.slice(type.lastIndexOf('.') + 1)) ?? 1;
}
