import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { Log } from '../activities/adapter.js';
import type { Answer } from '../activities/contract.js';
import type { Ledger } from '../activities/ledger/port.js';
import { offlineAnswer } from '../domain/explanation/answer.js';
import type { Timing } from '../domain/lifecycle/timing.js';
import type { QuestionInput } from '../workflows/answer-question/messages.js';
import { questionWorkflowId } from '../workflows/naming.js';
import type { GatewayDeps } from './gateway/deps.js';

/** How long a page waits for an answer before the engine's own is shown. */
const PATIENCE_MS = 45_000;

/** What questions are answered over. */
export interface QuestionOptions {
  client: Client;
  ledger: Pick<Ledger, 'draft' | 'finding'>;
  coreQueue: string;
  timing: Timing;
  log: Log;
  /** In milliseconds; 45 s by default. */
  patienceMs?: number;
}

/**
 * Has questions answered by the zone that may ask a model. Where it does not answer in time, the engine's own answer,
 * which needs no model, is given.
 */
export function createQuestions(options: QuestionOptions): GatewayDeps['answerQuestion'] {
  const { client, ledger, timing, log, patienceMs = PATIENCE_MS } = options;
  return async ({ digest, findingKeys, question, personId }) => {
    const key = findingKeys[0] ?? '';
    const input: QuestionInput = { key, digest, question, personId, timing };
    try {
      return await client.withDeadline(Date.now() + patienceMs, () =>
        client.workflow.execute<(input: QuestionInput) => Promise<Answer>>('answerQuestion', {
          workflowId: questionWorkflowId(randomUUID()),
          taskQueue: options.coreQueue,
          args: [input],
          workflowExecutionTimeout: patienceMs,
        }),
      );
    } catch (error) {
      log('warn', 'a question was not answered in time; the engine answers', { key, error: String(error) });
      return engineAnswer(ledger, input);
    }
  };
}

async function engineAnswer(ledger: QuestionOptions['ledger'], input: QuestionInput): Promise<Answer> {
  const [drafted, lead] = await Promise.all([ledger.draft(input.digest), ledger.finding(input.key)]);
  if (drafted === undefined || lead === undefined) return { text: 'There is no such draft any more.' };
  const { draft, context } = drafted;
  return { text: offlineAnswer(input.question, { finding: lead.finding, draft, context }) };
}
