import { appendFile, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Siem } from '../../../activities/siem/port.js';
import { siemAdapters } from '../../../activities/siem/registry.js';
import { Secret } from '../../../runtime/secret.js';
import { event } from './events.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'curtail-jsonl-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function open(config: object = {}): Promise<Siem> {
  return siemAdapters.jsonl.open(config, {
    log: () => undefined,
    now: () => 1,
    fetch,
    folder,
    resolveSecret: async () => new Secret(''),
  });
}
const path = (): string => join(folder, 'siem', 'events.jsonl');

async function seqs(): Promise<readonly number[]> {
  const names = (await readdir(join(folder, 'siem'))).filter((name) => name.includes('.jsonl.')).sort();
  const files = [...names.map((name) => join(folder, 'siem', name)), path()];
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  const lines = texts.join('').split('\n').filter(Boolean);
  return lines.map((line) => (JSON.parse(line) as { metadata: { sequence: number } }).metadata.sequence);
}

describe('audit events in a file', () => {
  it('are one line of OCSF each', async () => {
    await (await open()).send([event(1, { type: 'apply.refused', fields: { why: 'line\nbreak' } })]);
    expect(JSON.parse(await readFile(path(), 'utf8'))).toEqual({
      category_uid: 0,
      class_uid: 0,
      activity_id: 99,
      activity_name: 'apply.refused',
      type_uid: 99,
      severity_id: 4,
      status_id: 2,
      time: Date.parse('2026-01-02T03:04:05.678Z'),
      message: 'apply.refused by ada',
      metadata: {
        version: '1.3.0',
        product: { name: 'Curtail', vendor_name: 'Curtail' },
        uid: 'a'.repeat(64),
        sequence: 1,
        log_name: 'finding/k1',
      },
      unmapped: { actor: 'ada', finding_key: 'k1', fields: { why: 'line\nbreak' } },
    });
    expect((await stat(path())).mode & 0o777).toBe(0o600);
  });

  it('are there once, also when a batch is repeated after a crash in the middle of a line', async () => {
    await (await open()).send([event(1), event(2)]);
    await appendFile(path(), '{"metadata":{"sequence":3');
    const restarted = await open();
    await restarted.send([event(1), event(2), event(3)]);
    await restarted.send([event(3), event(4)]);
    expect(await seqs()).toEqual([1, 2, 3, 4]);
  });

  it('go on in a new file when one is full, and none is repeated or lost', async () => {
    const siem = await open({ maxBytes: 2_000 });
    for (let seq = 1; seq <= 20; seq += 1) await siem.send([event(seq)]);
    const restarted = await open({ maxBytes: 2_000 });
    for (let seq = 15; seq <= 25; seq += 1) await restarted.send([event(seq)]);
    expect((await readdir(join(folder, 'siem'))).length).toBeGreaterThan(3);
    expect(await seqs()).toEqual(Array.from({ length: 25 }, (_, i) => i + 1));
  });

  it('are not repeated right after the file was turned', async () => {
    await (await open({ maxBytes: 1_000 })).send([event(1), event(2), event(3)]);
    expect(await readdir(join(folder, 'siem'))).toEqual(['events.jsonl.000000000003']);
    await (await open({ maxBytes: 1_000 })).send([event(2), event(3)]);
    expect(await seqs()).toEqual([1, 2, 3]);
  });
});
