import { plainLine, plainText } from '../../../domain/text/plain-text.js';
import type { Attachment, TicketDraft } from '../port.js';
import { mark, reference } from '../reference.js';
import type { Row } from './client.js';
import type { ServiceNowConfig } from './config.js';

/** Longest short description and description of a stock `task`; longer text is cut by the instance without a word. */
const MAX_TITLE = 160;
const MAX_DESCRIPTION = 3_900;

/** Impact and urgency of our severities, where the table has them. */
const URGENCY: Readonly<Record<TicketDraft['severity'], Row>> = {
  critical: { impact: '1', urgency: '1' },
  high: { impact: '2', urgency: '1' },
  medium: { impact: '2', urgency: '2' },
  low: { impact: '3', urgency: '3' },
  info: { impact: '3', urgency: '3' },
};

/** A draft as the columns of a new record. What the configuration sets cannot replace what makes the record ours. */
export function recordOf(
  draft: TicketDraft,
  config: Pick<ServiceNowConfig, 'fields' | 'severities'>,
  people: { group?: string; assignee?: string },
): Row {
  return {
    ...(config.severities?.[draft.severity] ?? URGENCY[draft.severity]),
    ...config.fields,
    short_description: plainLine(draft.title, MAX_TITLE),
    description: describe(draft),
    correlation_id: reference(draft.key),
    correlation_display: 'curtail',
    ...(people.group !== undefined && { assignment_group: people.group }),
    ...(people.assignee !== undefined && { assigned_to: people.assignee }),
  };
}

/** All attachments of a draft; a text that is too long for the record stands in full in one of its own. */
export function attachmentsOf(draft: TicketDraft): readonly Attachment[] {
  const text = plainText(draft.body);
  const isCut = text.length > MAX_DESCRIPTION;
  return isCut
    ? [...draft.attachments, { name: 'ticket.txt', mediaType: 'text/plain', text }]
    : draft.attachments;
}

function describe(draft: TicketDraft): string {
  const text = plainText(draft.body);
  const end = `\n\nDecide: ${draft.decideUrl}\n${mark(draft.key)}`;
  if (text.length <= MAX_DESCRIPTION) return text + end;
  return `${text.slice(0, MAX_DESCRIPTION - 60)}…\n\nThe whole text is attached: ticket.txt.${end}`;
}
