import type { Log } from '../../activities/adapter.js';
import { type Directory, firstKnown } from '../../activities/directory/port.js';
import type { TicketApproval, TicketDesk } from '../../activities/itsm/port.js';
import type { RequestRow } from '../../activities/ledger/port.js';
import { MAX_REASON_LENGTH } from '../../domain/approval/limits.js';
import type { Person } from '../../domain/approval/request.js';
import type { Block } from '../../domain/text/block.js';
import type { Decider, DecisionOutcome } from '../gateway/decider.js';
import type { GatewayLedger } from '../gateway/deps.js';

/** What it takes to bring decisions from tickets to their workflows. */
export interface TicketDecisionParts {
  tickets: TicketDesk;
  ledger: Pick<GatewayLedger, 'requests' | 'item' | 'putItem'>;
  directory: Pick<Directory, 'byEmail'>;
  decider: Pick<Decider, 'decide'>;
  /** Where people reach the gateway. */
  publicUrl: string;
  now: () => number;
  log: Log;
}

/** A decision that was delivered is remembered longer than any request lives. */
const REMEMBER_MS = 90 * 24 * 3_600_000;
const BUCKET = 'ticket-decision';

/**
 * Brings what people decided about a ticket, read from the ticket system itself, to the workflow that asked. A callback only
 * says where to look. Idempotent: a decision that was delivered is not delivered again. `later` when a workflow gave no answer.
 */
export async function deliverTicketDecisions(
  parts: TicketDecisionParts,
  ticketId: string,
): Promise<'done' | 'later'> {
  const open = await parts.ledger.requests({ ticketId, status: 'open' });
  if (open.length === 0 || parts.tickets.approvals === undefined) return 'done';
  const approvals = await parts.tickets.approvals(ticketId);
  let result: 'done' | 'later' = 'done';
  for (const row of open) {
    // A decision from before the question was asked was about something else.
    for (const approval of approvals.filter(({ atIso }) => Date.parse(atIso) >= second(row))) {
      if ((await deliverOne(parts, row, ticketId, approval)) === 'later') result = 'later';
    }
  }
  return result;
}

async function deliverOne(
  parts: TicketDecisionParts,
  row: RequestRow,
  ticketId: string,
  approval: TicketApproval,
): Promise<'done' | 'later'> {
  const key = `${row.request.id}/${approval.id}`.slice(0, 500);
  if ((await parts.ledger.item(BUCKET, key, parts.now())) !== undefined) return 'done';
  const person = await firstKnown(parts.directory, approval.names);
  const outcome = person === undefined ? undefined : await decide(parts, row, approval, person);
  if (outcome?.outcome === 'unsure') return 'later';
  const why = objection(parts, row, approval, outcome);
  if (why !== undefined) {
    const body: readonly Block[] = [
      { type: 'paragraph', text: why },
      { type: 'link', text: 'Decide', url: requestUrl(parts, row) },
    ];
    await parts.tickets.comment({ ticketId, key: `${key}/refused`, body });
  }
  await parts.ledger.putItem({
    bucket: BUCKET,
    key,
    value: outcome?.outcome ?? 'nobody',
    expiresAtMs: parts.now() + REMEMBER_MS,
  });
  return 'done';
}

function decide(
  parts: TicketDecisionParts,
  row: RequestRow,
  approval: TicketApproval,
  person: Person,
): Promise<DecisionOutcome> {
  const { vendor } = parts.tickets.traits;
  const said = approval.reason?.slice(0, MAX_REASON_LENGTH);
  const reason = approval.verdict === 'reject' ? (said ?? `rejected in ${vendor} without a reason`) : said;
  return parts.decider.decide({
    person,
    via: vendor,
    // They signed in elsewhere: what wants a fresh sign-in with us is decided on our page.
    authAtMs: 0,
    requestId: row.request.id,
    digest: row.request.digest,
    verdict: approval.verdict,
    nonce: approval.id,
    ...(reason !== undefined && { reason }),
  });
}

/** What the ticket is told when a decision in it does not count. */
function objection(
  parts: TicketDecisionParts,
  row: RequestRow,
  approval: TicketApproval,
  outcome: DecisionOutcome | undefined,
): string | undefined {
  const what = approval.verdict === 'approve' ? 'approval' : 'rejection';
  if (outcome === undefined) {
    parts.log('warn', 'a decision in a ticket by somebody whom the directory does not know', {
      requestId: row.request.id,
    });
    return `This ${what} does not count: Curtail's directory does not know this account. Decide on the page, or have the account added.`;
  }
  if (outcome.outcome === 'sign-in-again')
    return `This ${what} does not count yet: the identity is highly privileged, so sign in on the page and decide there.`;
  return outcome.outcome === 'refused' ? `This ${what} does not count: ${outcome.reason}.` : undefined;
}

function requestUrl({ publicUrl }: Pick<TicketDecisionParts, 'publicUrl'>, row: RequestRow): string {
  return `${publicUrl}/requests/${encodeURIComponent(row.request.id)}`;
}

/** When the request was opened, in whole seconds: ticket systems know no finer. */
function second(row: RequestRow): number {
  return Math.floor(row.request.openedAtMs / 1_000) * 1_000;
}
