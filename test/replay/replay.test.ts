import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { DefaultLogger, type ReplayWorkerOptions, Runtime, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { OUTCOMES } from '../../domain/lifecycle/stage.js';
import { workflowBundle } from '../../workers/bundle.js';
import { endingOf, type History, pathOf, recorded } from './history.js';
import { SCENARIOS } from './scenarios.js';

let options: ReplayWorkerOptions;
beforeAll(async () => {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    shutdownSignals: [],
    telemetryOptions: { logging: { filter: 'ERROR' } },
  });
  options = { workflowBundle: await workflowBundle(join(tmpdir(), 'curtail-test-bundle')) };
}, 120_000);

function read(workflow: string, name: string): History {
  return JSON.parse(readFileSync(pathOf(workflow, name), 'utf8')) as History;
}

describe('recorded lives', () => {
  it('are all there', () => {
    const expected = SCENARIOS.map(({ workflow, name }) => `${workflow}/${name}`);
    expect(recorded()).toEqual(expected.sort());
  });

  it('show every outcome there is', () => {
    // What is below the floor never becomes a life.
    const shown = new Set([...SCENARIOS.map(({ ending }) => ending), 'below-floor']);
    expect(OUTCOMES.filter((outcome) => !shown.has(outcome))).toEqual([]);
  });

  it.each(SCENARIOS.map(({ workflow, name, ending }) => [workflow, name, ending] as const))(
    '%s/%s ended as %s',
    (workflow, name, ending) => {
      expect(endingOf(read(workflow, name))).toBe(ending);
    },
  );

  it('replay under the code of today', async () => {
    const histories = SCENARIOS.map(({ workflow, name }) => ({
      workflowId: `${workflow}/${name}`,
      history: read(workflow, name),
    }));
    const faults = new Map<string, string>();
    let replayed = 0;
    for await (const { workflowId, error } of Worker.runReplayHistories(options, histories)) {
      replayed += 1;
      if (error !== undefined) faults.set(workflowId, error.message);
    }
    expect([...faults]).toEqual([]);
    expect(replayed).toBe(SCENARIOS.length);
  });
});

describe('a history that the code did not write', () => {
  it.each<[what: string, change: (history: History) => History]>([
    ['another activity first', renameActivity('enrich', 'explain')],
    ['no timer before verification', withoutTimer],
  ])('is refused: %s', async (_what, change) => {
    const history = change(read('finding-lifecycle', 'verified'));
    await expect(Worker.runReplayHistory(options, history, 'finding/changed')).rejects.toThrow(
      DeterminismViolationError,
    );
  });
});

function renameActivity(from: string, to: string): (history: History) => History {
  return (history) => {
    const text = JSON.stringify(history);
    return JSON.parse(
      text.replaceAll(`"activityType":{"name":"${from}"}`, `"activityType":{"name":"${to}"}`),
    ) as History;
  };
}

/** Where the timer was started, search attributes were set instead. */
function withoutTimer(history: History): History {
  const events = history.events.map((event) =>
    event['eventType'] === 'EVENT_TYPE_TIMER_STARTED' ? toUpsert(event) : event,
  );
  return { events };
}

function toUpsert(event: Record<string, unknown>): Record<string, unknown> {
  const { timerStartedEventAttributes: _gone, ...rest } = event;
  return {
    ...rest,
    eventType: 'EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES',
    upsertWorkflowSearchAttributesEventAttributes: {},
  };
}
