import { Failure, FailureType } from '../../domain/failure.js';
import type { Activities } from '../contract.js';
import { auditEach, type LifecyclePorts } from './ports.js';

/** Puts a draft in plain words. A model helps where one is configured; without it, or when it fails, the templates do. */
export function createExplain(ports: LifecyclePorts): Activities['explain'] {
  return async (input) => {
    const [drafted, lead] = await Promise.all([
      ports.ledger.draft(input.digest),
      ports.ledger.finding(input.keys[0] ?? ''),
    ]);
    if (drafted === undefined || lead === undefined) {
      throw new Failure(FailureType.NotFound, `explaining: no draft ${input.digest}`);
    }
    if (drafted.explanation !== undefined)
      return { summary: drafted.explanation.summary, by: drafted.explanation.by };
    const { explanation, call } = await ports.explainer.explain({
      key: lead.key,
      finding: lead.finding,
      draft: drafted.draft,
      context: drafted.context,
    });
    const atMs = ports.now();
    if (call !== undefined) await ports.ledger.logModelCall(call, []);
    await ports.ledger.putExplanation(
      input.digest,
      explanation,
      auditEach(
        input.keys,
        {
          id: `explained/${input.digest}`,
          workflowId: input.workflowId,
          type: 'draft.explained',
          actor: 'curtail',
          atMs,
        },
        {
          by: explanation.by,
          digest: input.digest,
          dropped: explanation.dropped,
          ...(explanation.llmSessionId !== undefined && { llmSessionId: explanation.llmSessionId }),
        },
      ),
    );
    await ports.ledger.setStage(
      { keys: input.keys, stage: 'explaining', note: explanation.summary.slice(0, 300), atMs },
      [],
    );
    return { summary: explanation.summary.slice(0, 300), by: explanation.by };
  };
}
