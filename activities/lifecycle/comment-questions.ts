import { isQuestion, MAX_QUESTION_LENGTH } from '../../domain/approval/question.js';
import { Failure, FailureType } from '../../domain/failure.js';
import { isRecord, type Json } from '../../domain/json.js';
import type { Activities } from '../contract.js';
import { firstKnown } from '../directory/port.js';
import type { TicketComment } from '../itsm/port.js';
import type { RequestRow } from '../ledger/port.js';
import { createAnswer } from './answer.js';
import type { LifecyclePorts } from './ports.js';

/** Questions that were taken and wait for their answer. */
export const QUESTIONS_BUCKET = 'ticket-question';
/** Answers in one ticket; a thread that asks more is a conversation for people. */
const MAX_ANSWERS = 10;
const REMEMBER_MS = 180 * 24 * 3_600_000;

/** A comment that asked something. Texts lie under their digests, with keys of their own. */
interface AskedInTicket {
  requestId: string;
  ticketId: string;
  commentId: string;
  personId: string;
  question: string;
  answer?: string;
  llmSessionId?: string;
}

/**
 * Takes the questions among a ticket's comments, each once: those of people whom the directory knows, never our own, and
 * so many in one thread. What a comment says is text to be answered and nothing else.
 */
export async function takeQuestions(
  ports: LifecyclePorts,
  row: RequestRow,
  ticketId: string,
  comments: readonly TicketComment[],
): Promise<number> {
  const asking = comments.filter(({ ours, text }) => !ours && isQuestion(text));
  let taken = 0;
  for (const comment of asking.slice(0, MAX_ANSWERS)) {
    const personId = await authorOf(ports, comment.author);
    if (personId === undefined) continue;
    const { digest: question } = await ports.ledger.putEvidence({
      kind: 'question',
      body: comment.text.slice(0, MAX_QUESTION_LENGTH),
    });
    const value = { requestId: row.request.id, ticketId, commentId: comment.id, personId, question };
    const nowMs = ports.now();
    const key = `${ticketId}/${comment.id}`.slice(0, 500);
    if (
      await ports.ledger.claim({
        bucket: QUESTIONS_BUCKET,
        key,
        value,
        expiresAtMs: nowMs + REMEMBER_MS,
        nowMs,
      })
    )
      taken += 1;
  }
  return taken;
}

/** Answers a question from the draft's own evidence, and puts both on record. A model may word it, and is then named. */
export function createAnswerComment(ports: LifecyclePorts): Activities['answerComment'] {
  const answer = createAnswer(ports);
  return async ({ id }) => {
    const asked = await askedOf(ports, id);
    if (asked === undefined || asked.answer !== undefined) return;
    const row = await ports.ledger.request(asked.requestId);
    const question = await ports.ledger.evidence(asked.question);
    if (row === undefined || typeof question !== 'string')
      throw new Failure(FailureType.NotFound, `answering a comment: its request ${asked.requestId} is gone`);
    const [key = ''] = row.findingKeys;
    const { digest } = row.request;
    const { text, llmSessionId } = await answer({ key, digest, question, personId: asked.personId });
    const session = llmSessionId === undefined ? {} : { llmSessionId };
    const kept = await ports.ledger.putEvidence({ kind: 'answer', body: text });
    await ports.ledger.audit([
      {
        id: `question/${asked.requestId}/${id}`,
        stream: `questions/${row.request.workflowId}`,
        type: 'question.answered',
        actor: asked.personId,
        atMs: ports.now(),
        workflowId: row.request.workflowId,
        findingKey: key,
        fields: { requestId: asked.requestId, via: ports.tickets.traits.vendor, ...session },
        body: { question, answer: text, ...session },
      },
    ]);
    await keep(ports, id, { ...asked, answer: kept.digest, ...session } as unknown as Json);
  };
}

/** Writes the answer below the question, once. */
export function createPostAnswer(ports: LifecyclePorts): Activities['postAnswer'] {
  return async ({ id }) => {
    const asked = await askedOf(ports, id);
    if (asked?.answer === undefined) return;
    const text = await ports.ledger.evidence(asked.answer);
    if (typeof text === 'string') {
      const { llmSessionId } = asked;
      await ports.tickets.comment({
        ticketId: asked.ticketId,
        key: `answer/${asked.commentId}`,
        body: [
          llmSessionId === undefined
            ? { type: 'paragraph', text }
            : { type: 'generated', text, llmSessionId },
        ],
      });
    }
    await keep(ports, id, true);
  };
}

async function authorOf(ports: LifecyclePorts, author: string): Promise<string | undefined> {
  const names = (await ports.tickets.namesOf?.(author)) ?? [author];
  return (await firstKnown(ports.directory, names))?.id;
}

async function askedOf(ports: LifecyclePorts, id: string): Promise<AskedInTicket | undefined> {
  const kept = await ports.ledger.item(QUESTIONS_BUCKET, id, ports.now());
  return isRecord(kept) ? (kept as unknown as AskedInTicket) : undefined;
}

function keep(ports: LifecyclePorts, key: string, value: Json): Promise<void> {
  return ports.ledger.putItem({
    bucket: QUESTIONS_BUCKET,
    key,
    value,
    expiresAtMs: ports.now() + REMEMBER_MS,
  });
}
