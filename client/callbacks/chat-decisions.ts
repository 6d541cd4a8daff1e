import { z } from 'zod';
import type { Log } from '../../activities/adapter.js';
import { MAX_REASON_LENGTH } from '../../domain/approval/limits.js';
import type { Decider, DecisionOutcome } from '../gateway/decider.js';
import { type ChatParts, pageOf, personOfAccount } from './chat-person.js';

/** A click on a button of ours, or a form that was sent. Everything in it but the account comes back from our own message. */
export const ChatClick = z.object({
  act: z.literal('decide'),
  account: z.string().min(1).max(300),
  messageId: z.string().min(1).max(500),
  requestId: z.string().min(1).max(512),
  digest: z.string().min(1).max(128),
  verdict: z.enum(['approve', 'reject']),
  reason: z.string().max(MAX_REASON_LENGTH).optional(),
});
export type ChatClick = z.output<typeof ChatClick>;

/** What our buttons carry. */
export const ButtonValue = z.object({ r: z.string().min(1).max(512), d: z.string().min(1).max(128) });

/** What it takes to bring a click to its workflow. */
export interface ChatDecisionParts extends ChatParts {
  decider: Pick<Decider, 'decide'>;
  log: Log;
}

/**
 * Brings a click to the workflow that asked, as a grant for the person behind the account, and tells that person, and nobody
 * else, what became of it. `later` when the workflow gave no answer.
 */
export async function deliverClick(parts: ChatDecisionParts, click: ChatClick): Promise<'done' | 'later'> {
  const person = await personOfAccount(parts, click.account);
  if (person === undefined) {
    await tell(parts, click, 'nobody', unknownAccount(click));
    return 'done';
  }
  const { requestId, digest, verdict, reason, messageId } = click;
  const outcome = await parts.decider.decide({
    person,
    via: parts.chat.vendor,
    // They signed in elsewhere: what wants a fresh sign-in with us is decided on our page.
    authAtMs: 0,
    requestId,
    digest,
    verdict,
    nonce: `${messageId}/${verdict}`,
    ...(reason !== undefined && { reason }),
  });
  if (outcome.outcome === 'unsure') return 'later';
  await tell(parts, click, outcome.outcome, words(click, outcome));
  return 'done';
}

function unknownAccount({ verdict }: ChatClick): string {
  return `Your ${noun(verdict)} does not count: Curtail's directory does not know this account. Sign in on the page, or have the account added.`;
}

function words({ verdict }: ChatClick, outcome: Exclude<DecisionOutcome, { outcome: 'unsure' }>): string {
  if (outcome.outcome === 'sign-in-again')
    return `Your ${noun(verdict)} does not count yet: this identity is highly privileged, so sign in on the page and decide there.`;
  if (outcome.outcome === 'refused') return `Your ${noun(verdict)} does not count: ${outcome.reason}.`;
  const { complete, waitingFor } = outcome.receipt;
  return complete
    ? `Your ${noun(verdict)} counts.`
    : `Your ${noun(verdict)} counts; ${waitingFor} more must agree.`;
}

function noun(verdict: ChatClick['verdict']): string {
  return verdict === 'approve' ? 'approval' : 'rejection';
}

/** A decision counts whether or not the person can be told so. */
async function tell(
  parts: ChatDecisionParts,
  click: ChatClick,
  outcome: string,
  text: string,
): Promise<void> {
  const { chat } = parts;
  const { account, messageId, requestId } = click;
  const key = `${requestId}/${account}/${click.verdict}/${outcome}`;
  try {
    await chat.whisper?.({ messageId, account, key, text, url: pageOf(parts, requestId) });
  } catch (error) {
    parts.log('warn', 'telling a person what became of their click', {
      chat: chat.vendor,
      reason: String(error).slice(0, 300),
    });
  }
}
