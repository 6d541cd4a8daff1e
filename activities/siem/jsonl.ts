import { type FileHandle, mkdir, open, readdir, rename } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { z } from 'zod';
import { type AdapterDeps, adapter } from '../adapter.js';
import { toOcsf } from './ocsf.js';
import type { Siem, SiemEvent } from './port.js';

/** `path`: the current file. At `maxBytes` it is renamed to `<path>.<number of its last event>` and a new one begins; none is deleted. */
export const JsonlConfig = z.strictObject({
  path: z.string().min(1).default('siem/events.jsonl'),
  maxBytes: z.number().int().min(1_000).default(64_000_000),
});

const Line = z.object({ metadata: z.object({ sequence: z.number() }) });
/** How much of the file's end is read to find its last event. */
const TAIL_BYTES = 1_000_000;

/**
 * Writes each event as one line of JSON for a log shipper to take. A number that the file already has is not written again,
 * so an event is there once even when the caller died before it remembered its position.
 */
export function createJsonlSiem(config: z.output<typeof JsonlConfig>, deps: AdapterDeps): Siem {
  const path = resolve(deps.folder, config.path);
  let queue: Promise<unknown> = Promise.resolve();
  /** Last number of the file that was rotated away last, which the current one need not show. */
  let rotatedSeq: number | undefined;

  async function write(events: readonly SiemEvent[]): Promise<void> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    rotatedSeq ??= await lastRotated(path);
    const file = await open(path, 'a+', 0o600);
    try {
      const { size, lastSeq } = await repaired(file);
      const written = Math.max(lastSeq, rotatedSeq);
      const fresh = events.filter(({ seq }) => seq > written);
      if (fresh.length === 0) return;
      const bytes = Buffer.from(fresh.map((event) => `${JSON.stringify(toOcsf(event))}\n`).join(''));
      await file.appendFile(bytes);
      await file.datasync();
      if (size + bytes.length >= config.maxBytes) {
        rotatedSeq = fresh.at(-1)?.seq ?? written;
        await rename(path, `${path}.${String(rotatedSeq).padStart(12, '0')}`);
      }
    } finally {
      await file.close();
    }
  }
  return {
    name: 'jsonl',
    send(events) {
      const sent = queue.then(() => write(events));
      queue = sent.catch(() => undefined);
      return sent;
    },
  };
}

async function lastRotated(path: string): Promise<number> {
  const start = `${basename(path)}.`;
  const names = (await readdir(dirname(path))).filter((name) => name.startsWith(start));
  const numbers = names.map((name) => name.slice(start.length)).filter((end) => /^\d{12}$/.test(end));
  return Math.max(0, ...numbers.map(Number));
}

/** Cuts off a line that a crash left unfinished, and finds the number of the last whole one. */
async function repaired(file: FileHandle): Promise<{ size: number; lastSeq: number }> {
  const { size } = await file.stat();
  if (size === 0) return { size, lastSeq: 0 };
  const from = Math.max(0, size - TAIL_BYTES);
  const { buffer } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
  const end = buffer.lastIndexOf('\n') + 1;
  if (from + end < size) await file.truncate(from + end);
  const lines = buffer.subarray(0, end).toString('utf8').trimEnd().split('\n');
  return { size: from + end, lastSeq: seqOf(lines.at(-1) ?? '') };
}

/** Zero for a line that is not ours: then nothing is passed over. */
function seqOf(line: string): number {
  try {
    return Line.safeParse(JSON.parse(line)).data?.metadata.sequence ?? 0;
  } catch {
    return 0;
  }
}

/** Audit events in a file. */
export const jsonl = adapter(JsonlConfig, createJsonlSiem);
