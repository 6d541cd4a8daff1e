import { blindSpotsOf } from '../../proof/blind-spots.js';
import { ENGINE_VERSION } from '../../proof/engine.js';
import {
  type DocumentPair,
  type Prover,
  proveNoNewAccess,
  proveUsage,
  verdictOf,
} from '../../proof/obligations.js';
import { principalKey } from '../../usage/principal.js';
import { CATALOGUE_VERSION } from '../catalogue.js';
import type { PolicyDocument } from '../document.js';
import { parsePolicy } from '../parse.js';
import type { ResourceMode, RightsizeInput, RightsizeResult, SizedPolicy } from './model.js';
import { type Sizing, sizeAll } from './size-all.js';

/** From what was asked for down to what is sure to hold: as wished, resources left alone, nothing changed. */
function ladder(mode: ResourceMode): readonly (ResourceMode | 'unchanged')[] {
  return mode === 'leave' ? ['leave', 'unchanged'] : [mode, 'leave', 'unchanged'];
}

/**
 * Right-sizes policies to what was used, keeps what the log cannot show, and proves the result: no new access
 * for anybody who holds them, and every observed request still allowed. A result that would break is never
 * shown: it falls back to wider resources, and at last to the policies as they are.
 * @throws PolicyError when a document is malformed.
 */
export function rightsize(input: RightsizeInput): RightsizeResult {
  for (const mode of ladder(input.options.resources)) {
    const sizing = mode === 'unchanged' ? unchanged(input) : sizeAll(input, mode);
    const result = proved(input, sizing);
    if (result.proof.verdict === 'broken' && mode !== 'unchanged') continue;
    if (result.proof.verdict === 'unproven' && mode !== 'leave' && mode !== 'unchanged') continue;
    return result;
  }
  throw new RangeError('right-sizing: the policies as they are always hold');
}

function unchanged(input: RightsizeInput): Sizing {
  const reason = 'No smaller version could be shown to allow everything that was used.';
  return {
    policies: input.policies,
    removed: [],
    kept: [],
    justification: [],
    usedHighRisk: [],
    untouched: input.policies.map((policy) => ({
      policy: policy.name,
      reasonCode: 'no-safe-reduction',
      reason,
    })),
    notes: [],
  };
}

function proved(input: RightsizeInput, sizing: Sizing): RightsizeResult {
  const pairs = documentPairs(input, sizing.policies);
  const prover: Prover = { now: input.now, digest: input.digest };
  const noNewAccess = proveNoNewAccess([...pairs.values()], prover);
  const subject = input.principal === undefined ? undefined : principalKey(input.principal);
  const affected = pairs.has('') ? undefined : new Set(pairs.keys());
  const usage = proveUsage(
    input.usage,
    {
      window: input.window,
      ...(subject === undefined ? {} : { subject }),
      ...(affected === undefined ? {} : { affected }),
    },
    affected === undefined ? everybodyAs(input, pairs) : pairs,
    prover,
  );
  const blindSpots = [
    ...blindSpotsOf({
      log: input.usage,
      logging: input.options.logging,
      window: input.window,
      kept: sizing.kept,
      usage,
    }),
    ...sizing.notes,
  ];
  return {
    ...sizing,
    blindSpots,
    proof: {
      verdict: verdictOf(noNewAccess, usage, blindSpots),
      noNewAccess,
      usage,
      engine: ENGINE_VERSION,
      catalogue: CATALOGUE_VERSION,
    },
  };
}

/** Everybody who holds one of the policies, with all that is known of their documents; `''` when nobody is named. */
function documentPairs(input: RightsizeInput, after: readonly SizedPolicy[]): Map<string, DocumentPair> {
  const holders = new Map<string, string>();
  for (const policy of input.policies) {
    for (const arn of policy.attachedTo ?? []) holders.set(principalKey(arn), arn);
  }
  if (input.principal !== undefined) holders.set(principalKey(input.principal), input.principal);
  if (holders.size === 0) holders.set('', 'the holder of the policies');
  const parsed = parseAll(input.policies);
  const parsedAfter = parseAll(after);
  const pairs = new Map<string, DocumentPair>();
  for (const [key, of] of holders) {
    const holds = (policy: SizedPolicy): boolean => isHeld(policy, key, input.principal);
    pairs.set(key, {
      of,
      before: documentsOf(input.policies, parsed, holds),
      after: documentsOf(after, parsedAfter, holds),
      policyType: 'identity',
    });
  }
  return pairs;
}

function parseAll(policies: readonly SizedPolicy[]): readonly PolicyDocument[] {
  return policies.map((policy) => parsePolicy(policy.document, 'identity'));
}

function documentsOf(
  policies: readonly SizedPolicy[],
  parsed: readonly PolicyDocument[],
  holds: (policy: SizedPolicy) => boolean,
): PolicyDocument[] {
  return parsed.filter((_, i) => {
    const policy = policies[i];
    return policy !== undefined && holds(policy);
  });
}

/** Every policy of the question belongs to the principal in question; to others only what is attached to them. */
function isHeld(policy: SizedPolicy, key: string, principal: string | undefined): boolean {
  if (key === '' || (principal !== undefined && principalKey(principal) === key)) return true;
  return policy.attachedTo?.some((arn) => principalKey(arn) === key) ?? false;
}

/** Without anybody named, whoever appears in the log holds the policies. */
function everybodyAs(
  input: RightsizeInput,
  pairs: ReadonlyMap<string, DocumentPair>,
): Map<string, DocumentPair> {
  const own = pairs.get('');
  const all = new Map(pairs);
  if (own === undefined) return all;
  for (const call of input.usage.calls) {
    if (call.principal !== undefined) all.set(principalKey(call.principal), own);
  }
  return all;
}
