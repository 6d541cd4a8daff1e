import { z } from 'zod';
import { openPolicies } from '../../domain/draft/suggestion.js';
import { type ExplanationInput, factsOf } from '../../domain/explanation/facts.js';
import { isRecord, type Json } from '../../domain/json.js';
import type { ModelCallRow } from '../ledger/port.js';
import { askRedacted, knownNames, type ModelQuestion } from './ask-checked.js';

/** A draft whose policies a model may offer smaller versions of. */
export type SuggestInput = ExplanationInput & ModelQuestion;

/** What a model offered, unproved; or why its answer is of no use. The call is logged by the caller in any case. */
export type Suggested = { call: ModelCallRow } & (
  | { kind: 'offered'; documents: ReadonlyMap<number, Json>; promptRef: string }
  /** An answer came, and it is not what was asked for. */
  | { kind: 'malformed'; why: string; promptRef: string }
  /** No answer came. */
  | { kind: 'unanswered'; why: string }
);

const MAX_FACTS_CHARACTERS = 24_000;
const MAX_DOCUMENT_CHARACTERS = 10_000;
const MAX_POLICIES = 20;
const MOST_ACTIONS = 80;
/** A pseudonym that nothing was put back for: the model made it up. */
const UNKNOWN_NAME = /\[[A-Z]+_\d{1,6}\]/;

const Answer = z.strictObject({
  policies: z.array(z.strictObject({ index: z.number(), document: z.string().max(MAX_DOCUMENT_CHARACTERS) })),
});

/**
 * Asks a model for smaller versions of a draft's policies. Only the documents are taken, nothing that it says beside
 * them. Undefined when there is no model, no policy to ask about, or more than is sent.
 */
export async function suggestPolicies(input: SuggestInput): Promise<Suggested | undefined> {
  if (input.model.kind === 'offline' || input.draft === undefined) return undefined;
  const policies = openPolicies(input.draft);
  if (policies.length === 0) return undefined;
  const { kept, removed } = input.draft;
  const facts = JSON.stringify(
    {
      policies,
      kept: kept.slice(0, MOST_ACTIONS).map(({ action, reasonCode }) => ({ action, reasonCode })),
      removed: removed.slice(0, MOST_ACTIONS).map(({ action }) => action),
    },
    null,
    1,
  );
  if (facts.length > MAX_FACTS_CHARACTERS) return undefined;
  const asked = await askRedacted(input, 'suggest-policy', { facts }, Answer, knownNames(factsOf(input)));
  if (!asked.ok && asked.call.outcome === 'failed') {
    return { kind: 'unanswered', why: asked.why, call: asked.call };
  }
  const { call } = asked;
  const { id, version, digest } = input.book.live('suggest-policy');
  const promptRef = asked.ok ? asked.promptRef : `${id}/v${version}#${digest.slice(0, 12)}`;
  if (!asked.ok) return { kind: 'malformed', why: asked.why, call, promptRef };
  const documents = documentsOf(asked.value.policies, asked.restore);
  return typeof documents === 'string'
    ? { kind: 'malformed', why: documents, call, promptRef }
    : { kind: 'offered', documents, call, promptRef };
}

/** The documents by index, names put back; or what is wrong with them. */
function documentsOf(
  policies: z.output<typeof Answer>['policies'],
  restore: (text: string) => string,
): ReadonlyMap<number, Json> | string {
  if (policies.length > MAX_POLICIES) return `it offers more than ${MAX_POLICIES} policies`;
  const documents = new Map<number, Json>();
  for (const { index, document } of policies) {
    const text = restore(document);
    if (UNKNOWN_NAME.test(text)) return 'it names something that is not in the facts';
    const parsed = parseDocument(text);
    if (parsed === undefined) return 'a document is not JSON';
    if (documents.has(index)) return 'it offers two versions of one policy';
    documents.set(index, parsed);
  }
  return documents;
}

function parseDocument(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? (value as Json) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
