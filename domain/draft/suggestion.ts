import { applyChanges } from '../change/apply.js';
import type { Change } from '../change/change.js';
import { ChangeError } from '../change/error.js';
import { PolicyError } from '../iam/document.js';
import { canonicalJson, isRecord, type Json } from '../json.js';
import type { JudgedSuggestion } from '../lifecycle/context.js';
import type { Draft } from '../proof/proof.js';
import { proveCandidate } from './candidate.js';
import type { DraftInput } from './model.js';

/** A policy of a draft that somebody else may offer a smaller version of: its place among the changes, and both states. */
export interface OpenPolicy {
  index: number;
  before: Json;
  drafted: Json;
}

/**
 * The policies of a draft that a smaller version may be offered for. None of a draft that is not proved, and none of
 * one that a person edited: what they chose to keep is not argued with.
 */
export function openPolicies({ changes, proof, edit }: Draft): readonly OpenPolicy[] {
  if (edit !== undefined || (proof.verdict !== 'proved' && proof.verdict !== 'partial')) return [];
  return changes.flatMap(({ kind, before, after }, index) => {
    const isPolicy = kind === 'inline-policy' || kind === 'managed-policy';
    return isPolicy && isRecord(before) && isRecord(after) ? [{ index, before, drafted: after }] : [];
  });
}

/**
 * Judges documents that are offered in place of a draft's, by their index among its changes: they must pass the same
 * proof as the draft, and allow nothing that the draft does not. Undefined when they are the draft's own.
 */
export function judgeSuggestion(
  input: DraftInput,
  draft: Draft,
  offered: ReadonlyMap<number, Json>,
): JudgedSuggestion | undefined {
  const open = new Set(openPolicies(draft).map(({ index }) => index));
  const stray = [...offered.keys()].find((index) => !open.has(index));
  if (stray !== undefined) {
    return refusedAs('malformed', `It names policy ${stray}, which it was not asked about.`);
  }
  const differing = draft.changes.flatMap((change, index) => {
    const after = offered.get(index);
    return after === undefined || canonicalJson(after) === canonicalJson(change.after)
      ? []
      : [{ ...change, before: change.after, after }];
  });
  if (differing.length === 0) return undefined;
  if (differing.some(({ before, after }) => [...namesOf(after)].some((name) => !namesOf(before).has(name)))) {
    return refusedAs('malformed', 'It puts an Id or a Sid of its own into a policy.');
  }
  try {
    return judged(input, draft, offered, differing);
  } catch (error) {
    if (error instanceof PolicyError || error instanceof ChangeError) {
      return refusedAs('malformed', `It is no policy that AWS would take: ${error.message}`);
    }
    throw error;
  }
}

function judged(
  input: DraftInput,
  draft: Draft,
  offered: ReadonlyMap<number, Json>,
  differing: readonly Change[],
): JudgedSuggestion {
  const candidate = draft.changes.map((change, index) => ({
    ...change,
    after: offered.get(index) ?? change.after,
  }));
  const whole = proveCandidate({ ...input, candidate });
  if (whole.kind === 'refused') return whole;
  const drafted = applyChanges(input.account, draft.changes);
  const beside = proveCandidate({ ...input, account: drafted, candidate: differing });
  if (beside.kind === 'refused') {
    const { witness, reason } = beside;
    const words = `It is a reduction, but not shown to allow only what the engine's draft allows. ${reason}`;
    return { ...refusedAs('wider-than-draft', words), ...(witness !== undefined && { witness }) };
  }
  return {
    kind: 'narrower',
    proof: whole.proof.verdict === 'proved' ? 'proved' : 'partial',
    changes: differing,
  };
}

/** The free texts of a policy: nothing decides by them, and people read them. */
function namesOf(document: unknown): ReadonlySet<string> {
  if (!isRecord(document)) return new Set();
  const statements: unknown[] = [document['Statement']].flat();
  const names = statements.map((statement) => (isRecord(statement) ? statement['Sid'] : undefined));
  return new Set([document['Id'], ...names].flatMap((name) => JSON.stringify(name) ?? []));
}

function refusedAs(reasonCode: string, reason: string): Extract<JudgedSuggestion, { kind: 'refused' }> {
  return { kind: 'refused', reasonCode, reason };
}
