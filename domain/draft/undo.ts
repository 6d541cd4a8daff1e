import { applyChanges } from '../change/apply.js';
import { type Change, reverseChange } from '../change/change.js';
import { ChangeError } from '../change/error.js';
import { type AccountInput, parseAccount } from '../graph/account.js';
import { CATALOGUE_VERSION } from '../iam/catalogue.js';
import type { BlastRadius, Explanation } from '../lifecycle/context.js';
import { ENGINE_VERSION } from '../proof/engine.js';
import { type Prover, proveNoNewAccess } from '../proof/obligations.js';
import type { Draft, PathSummary, Restores } from '../proof/proof.js';
import { comparedPaths } from './assemble.js';
import { documentPairs, principalPairs, settingObligations } from './obligations.js';

/** The changes of an undo: each reversed, last one first. */
export function undoChanges(changes: readonly Change[]): readonly Change[] {
  return changes.map(reverseChange).reverse();
}

/** What an undo is computed from: the draft that was applied, who asks, and the account as it is now. */
export interface Undoing {
  original: Draft;
  asked: Omit<Restores, 'returns'>;
  account: AccountInput;
  prover: Prover;
}

/**
 * The draft that undoes an applied one. Its proof claims nothing but what it is: the exact reverse of a change of ours,
 * with the access that returns, a request that will be allowed again, and the paths that open, all computed anew.
 * A refusal when the cloud cannot be set back.
 */
export function undoDraft(on: Undoing): { draft: Draft } | { refused: string } {
  const { original, asked, account, prover } = on;
  const changes = undoChanges(original.changes);
  const restored = restoredAccount(account, changes);
  if ('refused' in restored) return restored;
  const before = parseAccount(account);
  const after = parseAccount(restored.account);
  const pairs = principalPairs(before, after);
  return {
    draft: {
      draftedBy: 'engine',
      changes,
      proof: {
        verdict: 'restores',
        restores: { ...asked, returns: original.removed.map(({ action }) => action) },
        noNewAccess: [
          ...proveNoNewAccess([...pairs, ...documentPairs(changes, before)], prover),
          ...settingObligations(changes),
        ],
        usage: null,
        guardrails: null,
        paths: comparedPaths(
          before,
          after,
          pairs.map((pair) => pair.of),
        ),
        workloads: [],
        blindSpots: [],
        inputs: { undone: asked.digest },
        engine: ENGINE_VERSION,
        catalogue: CATALOGUE_VERSION,
      },
      justification: [],
      removed: [],
      kept: [],
      usedHighRisk: [],
      confidence: original.confidence,
      riskBefore: original.riskAfter,
      riskAfter: original.riskBefore,
    },
  };
}

function restoredAccount(
  account: AccountInput,
  changes: readonly Change[],
): { account: AccountInput } | { refused: string } {
  try {
    return { account: applyChanges(account, changes) };
  } catch (error) {
    if (error instanceof ChangeError) return { refused: error.message };
    throw error;
  }
}

/** The undo in words, from facts only: no model writes about it. */
export function undoExplanation(draft: Draft, name: string): Explanation {
  const { restores, paths } = draft.proof;
  return {
    summary: `${name} asks to undo this change. Undoing RESTORES the earlier, wider access.`,
    whyItMatters: `Reason given: ${restores?.reason ?? ''}`,
    whatChanges: `${whatReturns(restores?.returns ?? [])} The risk goes from ${Math.round(draft.riskBefore.value)} back to ${Math.round(draft.riskAfter.value)}.${opensAgain(paths?.opened ?? [])}`,
    whatStays:
      'Nothing else changes. The finding is marked rolled back, and its platform will report it again.',
    by: 'offline',
    dropped: 0,
  };
}

const NAMED_ACTIONS = 5;

function whatReturns(actions: readonly string[]): string {
  if (actions.length === 0) return 'The earlier state returns.';
  const named = actions.slice(0, NAMED_ACTIONS).join(', ');
  const more = actions.length - NAMED_ACTIONS;
  const verb = actions.length === 1 ? 'Allowed again is' : 'Allowed again are';
  return `${verb} ${named}${more > 0 ? ` and ${more} more` : ''}.`;
}

function opensAgain(paths: readonly PathSummary[]): string {
  if (paths.length === 0) return '';
  const noun = paths.length === 1 ? '1 escalation path opens' : `${paths.length} escalation paths open`;
  return ` ${noun} again.`;
}

/** The picture of the neighbourhood, with before and after exchanged. */
export function undoPicture(picture: BlastRadius): BlastRadius {
  return {
    nodes: picture.nodes,
    edges: picture.edges.map((edge) => ({ ...edge, before: edge.after, after: edge.before })),
  };
}
