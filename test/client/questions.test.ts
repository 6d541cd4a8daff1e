import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createQuestions } from '../../client/questions.js';
import { TIMING_PROFILES } from '../../runtime/timing.js';
import { taskQueue, ZONES } from '../../workflows/naming.js';
import { fakeActivities } from '../support/fake-activities.js';
import { startTestCluster, TEST_PREFIX, type TestCluster } from '../support/temporal.js';
import { DIGEST, draftRow, findingRow } from './gateway/support/organisation.js';

const finding = findingRow();

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
}, 120_000);
afterAll(() => cluster.stop());

const ASKED = {
  requestId: 'r',
  digest: DIGEST,
  findingKeys: [finding.key],
  personId: 'ana',
  question: 'why was dynamodb:DeleteTable removed?',
};

function questions(patienceMs: number) {
  return createQuestions({
    client: cluster.client,
    coreQueue: taskQueue(TEST_PREFIX, 'core'),
    timing: TIMING_PROFILES.test,
    ledger: { draft: async () => draftRow(), finding: async () => finding },
    log: () => undefined,
    patienceMs,
  });
}

it('a question is answered by the zone that may ask a model', async () => {
  const fake = fakeActivities({ answer: async () => ({ text: 'because', llmSessionId: 'session' }) });
  const workers = await cluster.work(fake);
  try {
    expect(await questions(20_000)(ASKED)).toEqual({ text: 'because', llmSessionId: 'session' });
    const { key } = finding;
    const { question, personId, digest } = ASKED;
    expect(fake.calls).toEqual([{ name: 'answer', input: { key, digest, question, personId } }]);
  } finally {
    await workers.stop();
  }
});

it('without that zone the engine answers from the draft, and nobody waits for ever', async () => {
  const workers = await cluster.work(
    fakeActivities(),
    ZONES.filter((zone) => zone !== 'think'),
  );
  try {
    const { text, llmSessionId } = await questions(2_000)(ASKED);
    expect(llmSessionId).toBeUndefined();
    expect(text).toContain('dynamodb:DeleteTable');
  } finally {
    await workers.stop();
  }
});
