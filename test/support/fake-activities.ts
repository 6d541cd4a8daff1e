import { ApplicationFailure } from '@temporalio/common';
import type { Activities, Applied, Prepared, Settled, Verified } from '../../activities/contract.js';

/** One call of an activity: its name and its input. */
export interface Call {
  name: keyof Activities;
  input: unknown;
}

/** Activities that do nothing but answer, remember what they were asked, and can be told to answer otherwise. */
export interface FakeActivities extends Activities {
  calls: Call[];
  /** Grants that `settle` accepts, with what they mean. Anything else is refused. */
  grants: Map<string, Settled>;
}

const DRAFT: Prepared = {
  kind: 'draft',
  digest: 'd'.repeat(64),
  phase: 'assist',
  proof: 'proved',
  route: 'api',
  riskScore: 71,
  highPrivilege: false,
  title: 'Replace inline policy',
  coveredPrincipals: [],
};

export const APPROVE: Settled = {
  outcome: 'accepted',
  complete: true,
  verdict: 'approve',
  by: 'ana',
  changeId: 'change/1',
};

export function fakeActivities(overrides: Partial<Activities> = {}): FakeActivities {
  const calls: Call[] = [];
  const grants = new Map<string, Settled>([['good', APPROVE]]);
  const applied: Applied = { status: 'applied' };
  const verified: Verified = { status: 'verified' };
  const answers: Activities = {
    enrich: async () => ({
      resolvedAtSource: false,
      neverTouch: null,
      environment: 'production',
      owner: 'data',
      contextDigest: 'c',
    }),
    prepare: async () => DRAFT,
    explain: async () => ({ summary: 'words', by: 'offline' }),
    answer: async () => ({ text: 'because' }),
    ask: async () => ({ deliveredAtMs: Date.now(), waitingFor: 'data', ticket: 'T-1' }),
    settle: async (input) =>
      grants.get(input.grant) ?? { outcome: 'refused', reason: 'not signed by the gateway' },
    apply: async () => applied,
    rollBack: async () => ({ status: 'rolled-back' }),
    prepareUndo: async () => ({
      kind: 'draft',
      digest: 'e'.repeat(64),
      keys: ['k'],
      generation: 1,
      riskScore: 12,
      highPrivilege: false,
      title: 'Undo: restores earlier access',
      requestedBy: 'ben',
      reason: 'needed again',
    }),
    endUndo: async () => ({ undone: true }),
    watchHandOver: async () => ({ status: 'done' }),
    verify: async () => verified,
    close: async () => undefined,
    setStage: async () => undefined,
    closeRequest: async () => undefined,
    lookUpCluster: async () => ({ settled: false }),
    pollSource: async () => ({ seen: 0, started: 0, refused: 0, resolved: 0 }),
    writeDigest: async () => ({ where: 'nowhere' }),
    reconcile: async () => ({ checked: 0, stopped: [] }),
    tendDesk: async () => ({ looked: 0, rerouted: 0, replaced: 0, digests: 0, unreadable: 0, questions: [] }),
    answerComment: async () => undefined,
    postAnswer: async () => undefined,
    takeInHinted: async () => undefined,
    archiveHistories: async () => ({ archived: 0, failed: 0, overdue: 0, more: false }),
    ...overrides,
  };
  const remembering = Object.fromEntries(
    Object.entries(answers).map(([name, answer]) => [
      name,
      async (input: never) => {
        calls.push({ name: name as keyof Activities, input });
        return (answer as (given: never) => Promise<unknown>)(input);
      },
    ]),
  ) as unknown as Activities;
  return { ...remembering, calls, grants };
}

/** The draft that the fake `prepare` makes. */
export const FAKE_DRAFT = DRAFT;

/** A failure that Temporal does not retry. */
export function broken(type: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`broken on purpose: ${type}`, type);
}
