import { z } from 'zod';
import type { Parcel } from '../gateway/callback-inbox.js';
import { ChatClick, type ChatDecisionParts, deliverClick } from './chat-decisions.js';
import { answerQuestion, ChatQuestion, type ChatQuestionParts } from './chat-questions.js';

/** What a door of a chat does with what it has kept. */
export type ChatDeskParts = ChatDecisionParts & ChatQuestionParts;

const Content = z.discriminatedUnion('act', [ChatClick, ChatQuestion]);

/** A product may be asked for the same act several times, and for a week after it was kept. */
export const CHAT_REMEMBER_MS = 7 * 24 * 3_600_000;

/** Does what was kept of a chat's delivery. */
export function deliverChat(parts: ChatDeskParts): (parcel: Parcel) => Promise<'done' | 'later'> {
  return async ({ content }) => {
    const act = Content.parse(content);
    return act.act === 'decide' ? deliverClick(parts, act) : answerQuestion(parts, act);
  };
}
