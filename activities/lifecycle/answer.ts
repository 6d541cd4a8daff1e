import type { Activities } from '../contract.js';
import type { LifecyclePorts } from './ports.js';

/** Answers a person's question about a draft from its facts; a model call is logged before anybody reads its words. */
export function createAnswer(ports: Pick<LifecyclePorts, 'ledger' | 'explainer'>): Activities['answer'] {
  return async ({ key, digest, question, personId }) => {
    const [drafted, lead] = await Promise.all([ports.ledger.draft(digest), ports.ledger.finding(key)]);
    if (drafted === undefined || lead === undefined) return { text: 'There is no such draft any more.' };
    const { text, call, llmSessionId } = await ports.explainer.answer({
      key: lead.key,
      finding: lead.finding,
      drafted,
      question,
      personId,
    });
    if (call !== undefined) await ports.ledger.logModelCall(call, []);
    return { text, ...(llmSessionId !== undefined && { llmSessionId }) };
  };
}
