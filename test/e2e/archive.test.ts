import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createArchive } from '../../activities/lifecycle/archive.js';
import type { Json } from '../../domain/json.js';
import { canonicalJson } from '../../domain/json.js';
import { workflowBundle } from '../../workers/bundle.js';
import { sha256 } from '../../workers/open-ports.js';
import { replayHistory } from '../../workers/replay.js';
import { unique } from '../support/product.js';
import { startWorld, until, type World } from './world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 120_000);
afterAll(() => world.stop());

const DAY_MS = 86_400_000;

it('keeps the history of a life that ended, with its digest in the chain, and it replays', async () => {
  const { ledger, histories } = world.product.ports;
  const life = await world.product.begin({ name: unique('archived') });
  await world.decide(await world.untilAsked(life));
  await world.untilStage(life, 'verifying');
  await world.product.scan();
  expect(await world.ended(life)).toMatchObject({ outcome: 'verified' });
  const run = await until('visibility to know that it closed', async () => {
    for await (const closed of histories.closed(0)) if (closed.workflowId === life.workflowId) return closed;
    return undefined;
  });

  // While it cannot be read nothing is lost: it is tried again, and at half of the retention it is said on record.
  const broken = createArchive({
    ...world.product.ports,
    now: () => Date.now() + 20 * DAY_MS,
    histories: { ...histories, read: async () => Promise.reject(new Error('not just now')) },
  });
  expect(await broken({})).toEqual({ archived: 0, failed: 1, overdue: 1, more: false });
  expect(await world.product.activities.archiveHistories({})).toMatchObject({
    archived: 1,
    failed: 0,
    more: false,
  });
  expect(await world.product.activities.archiveHistories({})).toMatchObject({ archived: 0 });

  const rows = await ledger.auditOf({ stream: `finding/${life.key}` });
  expect(rows.filter(({ type }) => type === 'history.overdue')).toHaveLength(1);
  const digests = rows.filter(({ type }) => type === 'history.archived').map(({ fields }) => fields);
  expect(digests).toEqual([{ runId: run.runId, history: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
  const history = (await ledger.evidence(String(digests[0]?.['history']))) as Json;
  expect(sha256(canonicalJson(history))).toBe(digests[0]?.['history']);

  const options = {
    workflowId: life.workflowId,
    bundle: await workflowBundle(join(tmpdir(), 'curtail-test-bundle')),
  };
  expect(await replayHistory(history, options)).toMatchObject({ ok: true });
  const forged = JSON.parse(JSON.stringify(history).replaceAll('"prepare"', '"explain"')) as Json;
  expect(await replayHistory(forged, options)).toMatchObject({ ok: false });
}, 90_000);
