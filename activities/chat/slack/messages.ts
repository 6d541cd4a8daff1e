import { z } from 'zod';
import { Failure, FailureType } from '../../../domain/failure.js';
import type { Log } from '../../adapter.js';
import { reference } from '../reference.js';
import type { KitBlock } from './blocks.js';
import type { CallSlack } from './web-api.js';

/** Where a message stands. */
export interface Place {
  channel: string;
  ts: string;
}
/** What the token is in its workspace. */
export interface Self {
  botId: string;
  team: string;
}

const Posted = z.object({ channel: z.string(), ts: z.string() });
const Page = z.object({
  messages: z.array(
    z.object({
      ts: z.string(),
      bot_id: z.string().optional(),
      metadata: z
        .object({ event_type: z.string(), event_payload: z.record(z.string(), z.unknown()) })
        .optional()
        .catch(undefined),
    }),
  ),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});
const EVENT_TYPE = 'curtail_message';
/** How far back a message that was posted without its answer reaching us is looked for. */
const LOOK_BACK_S = 24 * 3_600;
const MAX_PAGES = 5;
/** Refusals that say that nothing can be read here: the message is then posted, perhaps for the second time. */
const UNREADABLE = ['missing_scope', 'not_in_channel', 'no_permission'];

/** `C024BE91L:1795183200.000100` */
export function messageId({ channel, ts }: Place): string {
  return `${channel}:${ts}`;
}
/** @throws Failure when it is not an id of ours. */
export function placeOf(id: string): Place {
  const [, channel, ts] = /^([A-Z0-9]{7,31}):(\d{1,12}\.\d{1,8})$/.exec(id) ?? [];
  if (channel === undefined || ts === undefined)
    throw new Failure(FailureType.NotFound, `slack: there is no message ${id.slice(0, 40)}`);
  return { channel, ts };
}

/**
 * Posts a message once: one of ours with the same key in its metadata is it already. Slack promises no uniqueness, so it is
 * looked for before posting and after a lost answer.
 */
export async function postOnce(
  parts: { call: CallSlack; self: () => Promise<Self>; nowMs: number; log: Log },
  message: { key: string; channel: string; threadTs?: string; text: string; blocks: readonly KitBlock[] },
): Promise<Place> {
  const { call } = parts;
  const { channel, threadTs, text, blocks } = message;
  const there = await find(parts, message);
  if (there !== undefined) return there;
  try {
    const posted = await call({
      method: 'chat.postMessage',
      body: {
        channel,
        text,
        blocks,
        unfurl_links: false,
        unfurl_media: false,
        metadata: { event_type: EVENT_TYPE, event_payload: { key: reference(message.key) } },
        ...(threadTs !== undefined && { thread_ts: threadTs }),
      },
      answer: Posted,
      write: true,
    });
    if ('answer' in posted) return posted.answer;
    throw new Failure(FailureType.VendorRejected, `slack: chat.postMessage: ${posted.refused}`);
  } catch (error) {
    const isLost = error instanceof Failure && error.type === FailureType.WriteOutcomeUnknown;
    const found = isLost ? await find(parts, message) : undefined;
    if (found === undefined) throw error;
    return found;
  }
}

async function find(
  { call, self, nowMs, log }: Parameters<typeof postOnce>[0],
  { key, channel, threadTs }: { key: string; channel: string; threadTs?: string },
): Promise<Place | undefined> {
  const { botId } = await self();
  const wanted = reference(key);
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const read = await call({
      method: threadTs === undefined ? 'conversations.history' : 'conversations.replies',
      body: {
        channel,
        include_all_metadata: true,
        limit: 200,
        ...(threadTs === undefined
          ? { oldest: String(Math.floor(nowMs / 1_000) - LOOK_BACK_S) }
          : { ts: threadTs }),
        ...(cursor !== undefined && { cursor }),
      },
      answer: Page,
      tolerated: UNREADABLE,
    });
    if ('refused' in read) {
      log('warn', 'slack: its messages cannot be read, so a repeated one could not be told', {
        reason: read.refused,
      });
      return undefined;
    }
    // Metadata can be written by every app of the workspace: only our own messages count.
    const found = read.answer.messages.find(
      ({ bot_id: by, metadata }) =>
        by === botId && metadata?.event_type === EVENT_TYPE && metadata.event_payload['key'] === wanted,
    );
    if (found !== undefined) return { channel, ts: found.ts };
    cursor = read.answer.response_metadata?.next_cursor;
    if (cursor === undefined || cursor === '') return undefined;
  }
  return undefined;
}
