import type { AuditRow } from '../../activities/ledger/port.js';
import type { Tone } from './words.js';

/** Sentences for the kinds of row that people ask about; others are read from their type. */
const SENTENCES: ReadonlyMap<string, string> = new Map([
  ['grant.signed', 'A decision was signed for them by the gateway'],
  ['decision.accepted', 'Their decision was taken'],
  ['decision.refused', 'Their decision was refused'],
  ['question.answered', 'A question about the draft was answered'],
  [
    'suggestion.proved',
    'A model suggested smaller policies, and the engine proved them; they are information',
  ],
  ['suggestion.refused', 'A model’s suggestion did not pass the proof'],
  ['undo.signed', 'Asked to undo a change'],
  ['undo.asked', 'An undo was asked for; it restores earlier access'],
  ['undo.ended', 'The undo ended; the fix stands'],
  ['payload.decoded', 'Read encrypted payloads in the Temporal UI'],
  ['payload.encoded', 'Encrypted payloads for the Temporal UI'],
  ['operator.retry', 'Asked to try again'],
  ['operator.resume', 'Started the next generation'],
  ['operator.cancel', 'Cancelled it'],
]);
/** Fields that would only repeat the row. */
const HIDDEN = ['jti', 'kid', 'requestId'];

/** An audit row in words: what happened, then its small fields. */
export function auditSentence(row: Pick<AuditRow, 'type' | 'fields'>): string {
  const words = row.type.replaceAll(/[._-]/g, ' ');
  const sentence = SENTENCES.get(row.type) ?? words.charAt(0).toUpperCase() + words.slice(1);
  const fields = Object.entries(row.fields)
    .filter(([name]) => !HIDDEN.includes(name))
    .map(
      ([name, value]) =>
        `${name} ${typeof value === 'string' && value.length > 80 ? `${value.slice(0, 80)}…` : value}`,
    );
  return fields.length === 0 ? sentence : `${sentence} (${fields.join(', ')})`;
}

/** Colour of a row in a story. */
export function auditTone(type: string): Tone {
  if (/refused|failed|parked|stopped|rolled|expired|denied/.test(type)) return 'bad';
  if (/verified|accepted|applied|approved|closed/.test(type)) return 'good';
  return 'busy';
}
