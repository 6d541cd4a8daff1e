import { applyChanges } from '../change/apply.js';
import { ChangeError } from '../change/error.js';
import type { Finding } from '../finding/finding.js';
import { type AccountInput, parseAccount } from '../graph/account.js';
import { CATALOGUE_VERSION } from '../iam/catalogue.js';
import { PolicyError } from '../iam/document.js';
import { canonicalJson, isRecord } from '../json.js';
import { ENGINE_VERSION } from '../proof/engine.js';
import { inputFault, logOfInput } from '../proof/inputs.js';
import { type Prover, verdictOf } from '../proof/obligations.js';
import type { NoNewAccess, Proof } from '../proof/proof.js';
import { DEFAULT_LOGGING, type LoggingScope } from '../usage/logging.js';
import { prove } from './assemble.js';
import { isChangeList } from './change-list.js';
import type { Case, Plan } from './model.js';

/** Whether a proof holds, and if not, the first thing that is wrong with it. */
export interface Verification {
  valid: boolean;
  reason: string;
}

const INPUTS = ['finding', 'account', 'usage', 'window', 'changes'];

/**
 * Checks a draft's proof from its originals: the digests bind them, and the obligations are computed again and must
 * come out the same. Nothing that the proof says is taken for granted but the blind spots that it admits besides.
 */
export function verifyDraftProof(
  given: { proof: Proof; inputs: Readonly<Record<string, unknown>> },
  prover: Prover,
): Verification {
  const { proof, inputs } = given;
  const fault = inputFault(proof.inputs, inputs, INPUTS, prover.digest) ?? versionFault(proof);
  if (fault !== undefined) return { valid: false, reason: fault };
  try {
    const again = proveAgain(inputs, prover);
    if (again === undefined)
      return { valid: false, reason: 'the inputs do not have the shape of a draft’s inputs' };
    const difference = differenceOf(proof, again);
    return difference === undefined
      ? {
          valid: true,
          reason: `all obligations were computed again from the inputs and come out the same: ${proof.verdict}`,
        }
      : { valid: false, reason: difference };
  } catch (error) {
    if (!(error instanceof ChangeError || error instanceof PolicyError)) throw error;
    return { valid: false, reason: `the inputs cannot be computed with: ${error.message}` };
  }
}

/** Another engine or catalogue may rightly come to another answer, so that it is no check of this one. */
export function versionFault(proof: Pick<Proof, 'engine' | 'catalogue'>): string | undefined {
  if (proof.engine !== ENGINE_VERSION) {
    return `the proof is of the engine ${proof.engine} and this is ${ENGINE_VERSION}; verify it with that version`;
  }
  return proof.catalogue === CATALOGUE_VERSION
    ? undefined
    : `the proof is of the catalogue ${proof.catalogue} and this is ${CATALOGUE_VERSION}; verify it with that version`;
}

function proveAgain(inputs: Readonly<Record<string, unknown>>, prover: Prover): Proof | undefined {
  const { finding, account, window, changes } = inputs;
  const usage = logOfInput(inputs['usage']);
  if (usage === undefined || !isFinding(finding) || !isRecord(account) || !isRecord(window)) return undefined;
  const { fromIso, toIso, logging } = window;
  if (typeof fromIso !== 'string' || typeof toIso !== 'string' || !isChangeList(changes)) return undefined;
  const accountInput: AccountInput = account;
  const scope = isRecord(logging) ? ({ ...DEFAULT_LOGGING, ...logging } as LoggingScope) : DEFAULT_LOGGING;
  const the: Case = {
    input: {
      finding,
      account: accountInput,
      usage: [],
      window: { fromIso, toIso },
      logging: scope,
      ...prover,
    },
    account: parseAccount(accountInput),
    usage,
    window: { fromIso, toIso },
    logging: scope,
    blindSpots: [],
  };
  const plan: Plan = {
    kind: 'plan',
    changes,
    removed: [],
    kept: [],
    justification: [],
    usedHighRisk: [],
    blindSpots: [],
  };
  return prove(the, plan, parseAccount(applyChanges(accountInput, plan.changes)));
}

function isFinding(value: unknown): value is Finding {
  return (
    isRecord(value) &&
    isRecord(value['subject']) &&
    typeof value['subject']['id'] === 'string' &&
    Array.isArray(value['resources'])
  );
}

function differenceOf(proof: Proof, again: Proof): string | undefined {
  if (!same(proof.noNewAccess.map(essence), again.noNewAccess.map(essence))) {
    return 'computed again, the obligation "no new access" comes out differently';
  }
  if (!same(proof.usage, again.usage))
    return 'computed again, the accounting of the usage comes out differently';
  if (!same(proof.paths, again.paths))
    return 'computed again, the paths that are closed or opened come out differently';
  const hidden = again.blindSpots.find((spot) => !proof.blindSpots.includes(spot));
  if (hidden !== undefined) return `the proof does not admit a blind spot of its log: ${hidden}`;
  const verdict =
    again.noNewAccess.length === 0 ? 'unproven' : verdictOf(again.noNewAccess, again.usage, proof.blindSpots);
  return verdict === proof.verdict
    ? undefined
    : `the obligations amount to ${verdict}, the proof says ${proof.verdict}`;
}

function essence({
  of,
  verdict,
  method,
  reasonCode,
}: NoNewAccess): Pick<NoNewAccess, 'of' | 'verdict' | 'method' | 'reasonCode'> {
  return { of, verdict, method, reasonCode };
}

function same(a: unknown, b: unknown): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
