import { Failure, FailureType } from '../../domain/failure.js';
import type { Suggestion } from '../../domain/lifecycle/context.js';
import type { Activities } from '../contract.js';
import type { AuditEntry } from '../ledger/port.js';
import { auditEach, type LifecyclePorts } from './ports.js';
import { suggest } from './suggest.js';

/**
 * Puts a draft in plain words. A model helps where one is configured; without it, or when it fails, the templates do.
 * The same model may offer smaller policies; what the proof says of them is kept beside the words.
 */
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
    const { key, finding } = lead;
    const { draft, context } = drafted;
    const [{ explanation, call }, suggestion] = await Promise.all([
      ports.explainer.explain({ key, finding, draft, context }),
      suggest(ports, lead, drafted),
    ]);
    const atMs = ports.now();
    if (call !== undefined) await ports.ledger.logModelCall(call, []);
    await ports.ledger.putExplanation(
      input.digest,
      { ...explanation, ...(suggestion !== undefined && { suggestion }) },
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
      ).concat(suggestion === undefined ? [] : suggestionRows(input, suggestion, atMs)),
    );
    await ports.ledger.setStage(
      { keys: input.keys, stage: 'explaining', note: explanation.summary.slice(0, 300), atMs },
      [],
    );
    return { summary: explanation.summary.slice(0, 300), by: explanation.by };
  };
}

/** A model's policies and what the proof said of them, in each finding's stream; the request that refutes them with it. */
function suggestionRows(
  { digest, workflowId, keys }: Parameters<Activities['explain']>[0],
  { judged, llmSessionId, by }: Suggestion,
  atMs: number,
): AuditEntry[] {
  const type = judged.kind === 'narrower' ? 'suggestion.proved' : 'suggestion.refused';
  const entry = { id: `suggested/${digest}`, workflowId, type, actor: 'curtail', atMs };
  const refusal = judged.kind === 'refused' && {
    reasonCode: judged.reasonCode,
    ...(judged.witness !== undefined && {
      witnessAction: judged.witness.action,
      witnessResource: judged.witness.resource.slice(0, 300),
    }),
  };
  return auditEach(keys, entry, { digest, by, llmSessionId, ...refusal });
}
