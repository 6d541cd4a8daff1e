import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { LifecyclePorts } from '../../activities/lifecycle/ports.js';
import { TIMING_PROFILES } from '../../runtime/timing.js';
import { arn, PRODUCTION, WEB_ROLES } from '../../samples/model/names.js';
import { findingWorkflowId } from '../../workflows/naming.js';
import { actionsOf } from '../support/metrics.js';
import { findingAbout } from '../support/organisation.js';
import { type Life, unique } from '../support/product.js';
import { startWorld, type World } from './world.js';

/**
 * What a life costs, as the server counts it, with the product's own activities and the heartbeats of life: no
 * reminder, no retry, and a source that has scanned again by the time it is asked.
 */
let world: World;
beforeAll(async () => {
  const { heartbeatMs, writeTimeoutMs, writeGiveUpMs } = TIMING_PROFILES.life;
  const { readTimeoutMs, readGiveUpMs, ledgerTimeoutMs, ledgerGiveUpMs } = TIMING_PROFILES.life;
  world = await startWorld({
    adapt: scanningOnceApplied,
    timing: {
      ...{ heartbeatMs, writeTimeoutMs, writeGiveUpMs, readTimeoutMs, readGiveUpMs },
      ...{ ledgerTimeoutMs, ledgerGiveUpMs, thinkTimeoutMs: 60_000, thinkGiveUpMs: 120_000 },
      ladderFactor: 1,
      minNoticeMs: 3_600_000,
    },
  });
}, 120_000);
afterAll(() => world.stop());

/** The platform scans in the moment in which a change is in place, so that one look at it is enough. */
function scanningOnceApplied(ports: LifecyclePorts): LifecyclePorts {
  const { ledger } = ports;
  return {
    ...ports,
    ledger: {
      ...ledger,
      async setChange(id, update, audit) {
        await ledger.setChange(id, update, audit);
        if (update.appliedAtMs === undefined) return;
        await ledger.completeScan({ scanId: unique('scan'), source: 'wiz', atMs: update.appliedAtMs + 1 });
      },
    },
  };
}

async function costOf(lives: () => Promise<readonly Life[]>): Promise<number> {
  const before = await actionsOf(world.cluster.server);
  const started = await lives();
  const [first] = started;
  if (first === undefined) throw new Error('nothing was started');
  const asked = await world.untilAsked(first);
  const [approver] = asked.request.approverIds;
  expect(await world.decide(asked, approver)).toEqual({ outcome: 'accepted', complete: true, waitingFor: 0 });
  for (const life of started)
    expect(await world.handle(life).result()).toMatchObject({ outcome: 'verified' });
  return (await actionsOf(world.cluster.server)) - before;
}

it('a lone finding costs thirteen actions, each accounted for in docs/architecture.md', async () => {
  const cost = await costOf(async () => [await world.product.begin({ name: unique('alone') })]);
  expect(cost).toBe(13);
}, 60_000);

it('a finding in a cluster of eight costs at most six', async () => {
  const findings = WEB_ROLES.map((name) => findingAbout(arn.role(PRODUCTION, name)));
  expect(findings).toHaveLength(8);
  const cost = await costOf(async () => {
    const keys = await world.product.takeIn(findings);
    return keys.map((key) => ({
      key,
      role: '',
      workflowId: findingWorkflowId('wiz', key),
      generation: 1,
      keys: [key],
    }));
  });
  expect(cost / findings.length).toBeLessThanOrEqual(6);
  expect(cost / findings.length).toBeGreaterThan(4);
}, 60_000);
