import { condition, proxyActivities, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import type { Timing } from '../../domain/lifecycle/timing.js';
import { keyedWrite, ledger, read, think } from '../../workflows/activity-options.js';
import { decideUpdate } from '../../workflows/finding-lifecycle/messages.js';
import { SEARCH_ATTRIBUTES } from '../../workflows/naming.js';

/** What the commands of the recorded life carried: bytes of each activity's input, and the values that came back. */
export interface BareShape {
  inputBytes: Readonly<Record<string, number>>;
  waitingFor: string;
  receipt: unknown;
  result: { outcome: string; note: string };
}

type Step = (input: string) => Promise<unknown>;
type Steps = Readonly<Record<string, Step>>;

/**
 * The commands of a life that goes from start to verified, and nothing else: the same queues, options, timers, search
 * attributes and bytes, with activities that do nothing. What this costs is Temporal's share.
 */
export function bareLifecycle(
  shape: BareShape,
): (input: { timing: Timing; ladder: readonly { afterMs: number }[] }) => Promise<unknown> {
  async function run(steps: Steps, name: string): Promise<void> {
    const bytes = shape.inputBytes[name] ?? 2;
    await steps[name]?.('x'.repeat(Math.max(0, bytes - 2)));
  }
  return async ({ timing, ladder }) => {
    let offered = false;
    let receipt: unknown;
    setHandler(decideUpdate, async () => {
      offered = true;
      await condition(() => receipt !== undefined);
      return receipt as never;
    });
    await run(proxyActivities(read(timing)) as Steps, 'enrich');
    await run(proxyActivities(ledger(timing)) as Steps, 'prepare');
    await run(proxyActivities(think(timing)) as Steps, 'explain');
    await run(proxyActivities(keyedWrite(timing)) as Steps, 'ask');
    upsertSearchAttributes([
      { key: SEARCH_ATTRIBUTES.stage, value: 'awaiting-decision' },
      { key: SEARCH_ATTRIBUTES.waitingFor, value: shape.waitingFor },
      { key: SEARCH_ATTRIBUTES.decideBy, value: new Date(Date.now() + (ladder.at(-1)?.afterMs ?? 0)) },
      { key: SEARCH_ATTRIBUTES.riskScore, value: 50 },
    ]);
    await condition(() => offered, ladder[0]?.afterMs ?? 3_600_000);
    await run(proxyActivities(ledger(timing)) as Steps, 'settle');
    receipt = shape.receipt;
    await run(proxyActivities(keyedWrite(timing, 'change')) as Steps, 'apply');
    await condition(() => false, timing.verifyAfterMs);
    await run(proxyActivities(keyedWrite(timing)) as Steps, 'verify');
    upsertSearchAttributes([
      { key: SEARCH_ATTRIBUTES.stage, value: 'closed' },
      { key: SEARCH_ATTRIBUTES.outcome, value: shape.result.outcome },
      { key: SEARCH_ATTRIBUTES.waitingFor, value: null },
    ]);
    return shape.result;
  };
}
