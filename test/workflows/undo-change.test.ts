import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LADDER } from '../../domain/approval/ladder.js';
import { timingOf } from '../../runtime/timing.js';
import { decideUpdate } from '../../workflows/finding-lifecycle/messages.js';
import { taskQueue } from '../../workflows/naming.js';
import type { UndoChangeInput, UndoResult } from '../../workflows/undo-change/messages.js';
import { type FakeActivities, fakeActivities } from '../support/fake-activities.js';
import { startTestCluster, TEST_PREFIX, type TestCluster } from '../support/temporal.js';

let cluster: TestCluster;
let fakes: FakeActivities;
beforeAll(async () => {
  cluster = await startTestCluster();
  fakes = fakeActivities({
    prepareUndo: async ({ ask }) =>
      ask === 'forged'
        ? { kind: 'refused', reason: 'nobody asked for this undo' }
        : {
            kind: 'draft',
            digest: 'e'.repeat(64),
            keys: ['k'],
            generation: 1,
            riskScore: 12,
            highPrivilege: false,
            title: 'Undo: restores earlier access',
            requestedBy: 'ben',
            reason: 'needed again',
          },
  });
  fakes.grants.set('no', {
    outcome: 'accepted',
    complete: true,
    verdict: 'reject',
    by: 'ana',
    reason: 'the job was retired',
  });
  await cluster.work(fakes);
}, 120_000);
afterAll(() => cluster.stop(), 30_000);

async function start(workflowId: string, ask: string) {
  const input: UndoChangeInput = {
    ask,
    subject: 'role',
    kind: 'over-permission',
    severity: 'high',
    ladder: LADDER.high,
    timing: timingOf('test'),
  };
  fakes.calls.length = 0;
  return cluster.client.workflow.start<(given: UndoChangeInput) => Promise<UndoResult>>('undoChange', {
    workflowId,
    taskQueue: taskQueue(TEST_PREFIX, 'core'),
    args: [input],
  });
}
const names = () => fakes.calls.map((call) => call.name);

describe('undoChange', () => {
  it('applies what another person approved, and says who asked and who approved', async () => {
    const handle = await start('undo/a/1', 'signed');
    await handle.executeUpdate(decideUpdate, { args: [{ grant: 'good' }] });
    expect(await handle.result()).toEqual({
      undone: true,
      note: 'undone: asked by ben, approved by ana: needed again',
    });
    expect(names()).toEqual(['prepareUndo', 'ask', 'settle', 'apply', 'endUndo']);
  }, 30_000);

  it('applies nothing after a no', async () => {
    const handle = await start('undo/a/2', 'signed');
    await handle.executeUpdate(decideUpdate, { args: [{ grant: 'no' }] });
    expect((await handle.result()).note).toBe('rejected by ana: the job was retired');
    expect(names()).toEqual(['prepareUndo', 'ask', 'settle', 'endUndo']);
  }, 30_000);

  it('asks nobody when nobody signed the ask', async () => {
    const handle = await start('undo/a/3', 'forged');
    expect(await handle.result()).toEqual({ undone: false, note: 'nobody asked for this undo' });
    expect(names()).toEqual(['prepareUndo']);
  }, 30_000);

  it('voids the request when an operator cancels it', async () => {
    const handle = await start('undo/a/4', 'signed');
    await handle.executeUpdate(decideUpdate, { args: [{ grant: 'not one' }] });
    await handle.cancel();
    expect((await handle.result()).note).toBe('cancelled by an operator');
    expect(names().slice(-2)).toEqual(['closeRequest', 'endUndo']);
  }, 30_000);
});
