import { severityOf, toOcsf } from './ocsf.js';
import type { SiemEvent } from './port.js';

/** Facility 13, "log audit" (RFC 5424, table 1). */
const FACILITY = 13;
/** OCSF severity to that of syslog: 5 notice, 4 warning, 3 error (RFC 5424, table 2). */
const SEVERITY = { 1: 5, 2: 5, 3: 4, 4: 3 } as const;
/** What a header field without a value is. */
const NIL = '-';
/** How much of a name goes into a message whose length is bounded. */
const MAX_VALUE = 100;

/** Who a syslog message says that it comes from (RFC 5424, section 6.2). */
export interface SyslogIdentity {
  hostname: string;
  appName: string;
  procId: string;
  /** Private enterprise number that names our structured data. */
  enterpriseId: string;
}

/**
 * One message of RFC 5424. Sequence and hash are structured data, so that a receiver can see gaps and repetitions without
 * reading the text, which is the OCSF event as JSON in plain ASCII (MSG-ANY: no byte order mark is needed).
 * Beyond `maxBytes` the event's own fields are left out: a datagram cannot be longer, and cut JSON is no use.
 */
export function syslogMessage(event: SiemEvent, identity: SyslogIdentity, maxBytes: number): string {
  const priority = FACILITY * 8 + SEVERITY[severityOf(event.type)];
  const header = [
    `<${priority}>1`,
    event.atIso,
    headerField(identity.hostname, 255),
    headerField(identity.appName, 48),
    headerField(identity.procId, 128),
    headerField(event.type, 32),
  ].join(' ');
  const data = structuredData(event, identity.enterpriseId);
  const whole = `${header} ${data} ${asciiJson(toOcsf(event))}`;
  if (whole.length <= maxBytes) return whole;
  const omitted = toOcsf({
    ...event,
    type: event.type.slice(0, MAX_VALUE),
    stream: event.stream.slice(0, MAX_VALUE),
    actor: event.actor.slice(0, MAX_VALUE),
    ...(event.findingKey !== undefined && { findingKey: event.findingKey.slice(0, MAX_VALUE) }),
    fields: { omitted: 'longer than a message may be' },
  });
  return `${header} ${data} ${asciiJson(omitted)}`;
}

/** Octet counting (RFC 6587, 3.4.1; RFC 5425, 4.3): length, space, message. Whatever the text holds, frames cannot be confused. */
export function octetCounted(message: string): string {
  return `${Buffer.byteLength(message, 'utf8')} ${message}`;
}

function structuredData(event: SiemEvent, enterpriseId: string): string {
  const params: readonly (readonly [name: string, value: string | undefined])[] = [
    ['seq', String(event.seq)],
    ['stream', event.stream],
    ['hash', event.digest],
    ['actor', event.actor],
    ['finding', event.findingKey],
  ];
  const written = params.flatMap(([name, value]) =>
    value === undefined ? [] : [` ${name}="${paramValue(value)}"`],
  );
  return `[curtail@${enterpriseId}${written.join('')}]`;
}

/** RFC 5424, 6.3.3: `"`, `\` and `]` are escaped. What is not printable ASCII becomes `?`, so that no line can be forged. */
function paramValue(text: string): string {
  return text
    .slice(0, MAX_VALUE)
    .replace(/[^\x20-\x7e]/g, '?')
    .replace(/["\\\]]/g, '\\$&');
}

/** PRINTUSASCII of bounded length, or the nil value. */
function headerField(text: string, maxLength: number): string {
  const field = text.replace(/[^\x21-\x7e]/g, '_').slice(0, maxLength);
  return field === '' ? NIL : field;
}

function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
