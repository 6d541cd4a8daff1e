import { z } from 'zod';
import type { RequestRow } from '../../activities/ledger/port.js';
import type { Person } from '../../domain/approval/request.js';
import type { Block } from '../../domain/text/block.js';
import { maySeeRequest } from '../gateway/access.js';
import type { GatewayDeps, GatewayLedger } from '../gateway/deps.js';
import { questionAnswered } from '../gateway/question-audit.js';
import { type ChatParts, personOfAccount } from './chat-person.js';

/** Something that a person wrote below a message of ours. */
export const ChatQuestion = z.object({
  act: z.literal('ask'),
  account: z.string().min(1).max(300),
  /** The message that it stands below. */
  messageId: z.string().min(1).max(500),
  /** The product's id of what was written. */
  id: z.string().min(1).max(200),
  text: z.string().max(4_000),
});
export type ChatQuestion = z.output<typeof ChatQuestion>;

/** What it takes to answer a question in a chat. */
export interface ChatQuestionParts extends ChatParts {
  ledger: Pick<GatewayLedger, 'request' | 'claim' | 'audit'>;
  /** The request that a message is about. */
  requestOf: (messageId: string) => Promise<string | undefined>;
  answer: GatewayDeps['answerQuestion'];
  now: () => number;
}

const MAX_LENGTH = 1_000;
/** Answers a day below one message: a thread is no place for a long talk, and a loop of two bots ends. */
const PER_DAY = 20;
const DAY_MS = 24 * 3_600_000;

/** Whether a text asks for an answer. Talk below a message is the people's own. */
export function asksSomething(text: string): boolean {
  return text.includes('?') && text.trim().length >= 3;
}

/** Answers a question below a message from the proof's own evidence, once, for people who may see what it is about. */
export async function answerQuestion(parts: ChatQuestionParts, asked: ChatQuestion): Promise<'done'> {
  const requestId = await parts.requestOf(asked.messageId);
  const row = requestId === undefined ? undefined : await parts.ledger.request(requestId);
  if (row === undefined) return 'done';
  const person = await personOfAccount(parts, asked.account);
  if (person === undefined || !maySeeRequest(person, row)) return 'done';
  if (!(await takeTurn(parts, asked))) return 'done';
  const given = await recordedAnswer(parts, row, person, asked.text);
  const { text, llmSessionId } = given;
  const said: Block =
    llmSessionId === undefined ? { type: 'paragraph', text } : { type: 'generated', text, llmSessionId };
  await parts.chat.reply?.({ messageId: asked.messageId, key: `answer/${asked.id}`, body: [said] });
  return 'done';
}

/** Answers from the evidence of what is asked about, and puts both on record. */
export async function recordedAnswer(
  parts: Pick<ChatQuestionParts, 'answer' | 'ledger' | 'now'>,
  row: RequestRow,
  person: Person,
  text: string,
): Promise<{ text: string; llmSessionId?: string }> {
  const question = text.trim().slice(0, MAX_LENGTH);
  const { request, findingKeys } = row;
  const { id: requestId, digest } = request;
  const given = await parts.answer({ requestId, digest, findingKeys, personId: person.id, question });
  const by = { personId: person.id, atMs: parts.now() };
  await parts.ledger.audit([questionAnswered(by, row, question, given)]);
  return given;
}

/** The same question takes no second turn. */
async function takeTurn({ ledger, now }: ChatQuestionParts, asked: ChatQuestion): Promise<boolean> {
  const nowMs = now();
  const claim = (key: string) =>
    ledger.claim({ bucket: 'chat-question', key: key.slice(0, 500), expiresAtMs: nowMs + DAY_MS, nowMs });
  if (!(await claim(`once/${asked.messageId}/${asked.id}`))) return false;
  for (let turn = 1; turn <= PER_DAY; turn += 1) if (await claim(`${asked.messageId}/${turn}`)) return true;
  return false;
}
