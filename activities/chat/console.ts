import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { z } from 'zod';
import { plainLine } from '../../domain/text/plain-text.js';
import { openJournal } from '../../runtime/journal.js';
import { type AdapterDeps, adapter } from '../adapter.js';
import type { Chat, DeliveredNotice } from './port.js';

/** `journal`: file that remembers what was shown, so that a repeated notice is shown once. */
export const ConsoleConfig = z.strictObject({ journal: z.string().min(1).default('notices.jsonl') });

const Shown = z.object({ key: z.string(), id: z.string(), deliveredAtMs: z.number() });

/**
 * Shows each notice as one plain line: in the log, or where `write` puts it. The line is written before it is remembered:
 * after a crash in between a person sees it twice rather than never.
 */
export async function createConsoleChat(
  config: z.output<typeof ConsoleConfig>,
  deps: AdapterDeps,
  write?: (line: string) => void,
): Promise<Chat> {
  const journal = await openJournal(resolve(deps.folder, config.journal));
  const shown = new Map<string, DeliveredNotice>();
  let queue: Promise<unknown> = Promise.resolve();

  async function learn(): Promise<void> {
    for (const line of await journal.readNew()) {
      const { data: seen } = Shown.safeParse(line);
      if (seen !== undefined && !shown.has(seen.key)) {
        shown.set(seen.key, { id: seen.id, deliveredAtMs: seen.deliveredAtMs });
      }
    }
  }
  async function showOnce(key: string, line: string): Promise<DeliveredNotice> {
    await learn();
    const seen = shown.get(key);
    if (seen !== undefined) return seen;
    if (write === undefined) deps.log('info', 'notice', { line });
    write?.(line);
    const delivered = {
      id: createHash('sha256').update(key).digest('hex').slice(0, 16),
      deliveredAtMs: deps.now(),
    };
    await journal.append({ key, ...delivered });
    shown.set(key, delivered);
    return delivered;
  }
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  }
  return {
    vendor: 'console',
    changesMessages: false,
    send: ({ key, to, channel, title, url }) => {
      const names = to.map(({ name }) => plainLine(name, 60)).join(', ');
      const audience = names === '' ? plainLine(channel ?? 'everyone', 60) : names;
      return inTurn(() => showOnce(key, `To ${audience}: ${plainLine(title)} ${plainLine(url, 2_000)}`));
    },
    async update({ messageId, key, title }) {
      await inTurn(() => showOnce(key, `About notice ${plainLine(messageId, 40)}: ${plainLine(title)}`));
    },
  };
}

/** Notices without a chat product. */
export const consoleChat = adapter(ConsoleConfig, (config, deps) => createConsoleChat(config, deps));
