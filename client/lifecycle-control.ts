import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import type { Ledger } from '../activities/ledger/port.js';
import type { LifecycleStarter, StartFinding } from '../activities/starter/port.js';
import type { Ladder } from '../domain/approval/ladder.js';
import type { DecisionReceipt } from '../domain/approval/request.js';
import type { Severity } from '../domain/finding/finding.js';
import { triageScore } from '../domain/finding/triage.js';
import type { Phase } from '../domain/lifecycle/stage.js';
import type { Timing } from '../domain/lifecycle/timing.js';
import { decideUpdate, retryUpdate } from '../workflows/finding-lifecycle/messages.js';
import type { UndoChangeInput } from '../workflows/undo-change/messages.js';
import type { ControlReceipt, LifecycleControl } from './gateway/control.js';

/** How long a sender waits for the verdict on a decision before it is told to look again. */
const VERDICT_TIMEOUT_MS = 30_000;

export interface ControlOptions {
  client: Client;
  coreQueue: string;
  timing: Timing;
  ladder: Readonly<Record<Severity, Ladder>>;
  ledger: Ledger;
  starter: LifecycleStarter;
  /** The phase that the flags give a finding now. */
  phaseOf: (context: {
    findingKey: string;
    account?: string;
    environment?: string;
    kind: string;
  }) => Promise<Phase>;
}

/** Steers lives over Temporal's client: what the gateway and the CLI may do, and nothing more. */
export function createLifecycleControl(options: ControlOptions): LifecycleControl {
  const { client } = options;
  return {
    async decide({ workflowId, grant, updateId }) {
      try {
        return await client.withDeadline(Date.now() + VERDICT_TIMEOUT_MS, () =>
          client.workflow.getHandle(workflowId).executeUpdate(decideUpdate, { args: [{ grant }], updateId }),
        );
      } catch (error) {
        return refusal(error);
      }
    },
    async retry(workflowId) {
      try {
        const { retried } = await client.workflow
          .getHandle(workflowId)
          .executeUpdate(retryUpdate, { args: [{}] });
        return { done: retried, message: retried ? 'trying again now' : 'nothing is parked there' };
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return gone(workflowId);
        throw error;
      }
    },
    async resume(findingKey) {
      const row = await options.ledger.finding(findingKey);
      if (row === undefined) return { done: false, message: 'the ledger has no such finding' };
      if (row.stage !== 'closed' && row.stage !== 'stopped')
        return { done: false, message: `it has not ended: ${row.stage}` };
      const { finding } = row;
      const phase = await options.phaseOf({
        findingKey,
        kind: finding.kind,
        ...(finding.account !== undefined && { account: finding.account }),
        ...(row.environment !== undefined && { environment: row.environment }),
      });
      const generation = await options.ledger.nextGeneration(findingKey);
      const start: StartFinding = {
        key: findingKey,
        source: finding.source,
        generation,
        kind: finding.kind,
        severity: finding.severity,
        subject: finding.subject.id,
        phase,
        riskScore: triageScore(finding),
        ...(finding.account !== undefined && { account: finding.account }),
      };
      const { workflowId } = options.starter.ids(start);
      const atMs = Date.now();
      await options.ledger.setStage(
        {
          keys: [findingKey],
          stage: 'new',
          outcome: null,
          note: 'taken up again',
          workflowId,
          clusterId: null,
          phase,
          atMs,
        },
        [
          {
            id: `resume/${findingKey}/g${generation}`,
            stream: `finding/${findingKey}`,
            type: 'finding.resumed',
            actor: 'operator',
            atMs,
            findingKey,
            fields: { generation },
          },
        ],
      );
      await options.starter.start([start]);
      return { done: true, message: `taken up again as generation ${generation}, phase ${phase}` };
    },
    undo: (input) => startUndo(options, input),
    async cancel(workflowId) {
      try {
        await client.workflow.getHandle(workflowId).cancel();
        return { done: true, message: 'cancelling; nothing is left half changed' };
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return gone(workflowId);
        throw error;
      }
    },
  };
}

async function startUndo(
  { client, ledger, coreQueue, timing, ladder }: ControlOptions,
  { workflowId, findingKey, ask }: Parameters<LifecycleControl['undo']>[0],
): Promise<ControlReceipt> {
  const row = await ledger.finding(findingKey);
  if (row === undefined) return { done: false, message: 'the ledger has no such finding' };
  const { subject, kind, severity } = row.finding;
  const input: UndoChangeInput = {
    ask,
    subject: subject.id,
    kind,
    severity,
    ladder: ladder[severity],
    timing,
  };
  try {
    await client.workflow.start('undoChange', {
      workflowId,
      taskQueue: coreQueue,
      args: [input],
      staticSummary: `undo: ${subject.name}`.slice(0, 200),
    });
    return { done: true, message: 'asked; somebody else must approve before anything is undone' };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError)
      return { done: false, message: 'somebody has asked for this already' };
    throw error;
  }
}

function gone(workflowId: string): ControlReceipt {
  return { done: false, message: `no workflow ${workflowId} is running` };
}

/** What a person is told when the workflow did not take the decision. */
function refusal(error: unknown): DecisionReceipt {
  if (error instanceof WorkflowNotFoundError)
    return { outcome: 'refused', reason: 'nothing is waiting for a decision any more' };
  if (error instanceof WorkflowUpdateFailedError)
    return { outcome: 'refused', reason: error.cause?.message ?? 'the workflow refused it' };
  throw error;
}
