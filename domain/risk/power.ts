import { combinationsWithin, highRiskWithin } from './high-risk-actions.js';
import { levelsWithin } from './permission-level.js';
import type { RiskInput } from './score.js';
import { WEIGHTS_V1 } from './weights.v1.js';

/** A factor in 0..1 and the sentence that explains it. */
export interface Power {
  factor: number;
  why: string;
}

/** What can be done with it: the identity's strongest permission, or the worst that can happen to a store. */
export function powerOf(input: RiskInput): Power {
  return input.subject === 'store' ? storePower(input) : identityPower(input);
}

// Of a store the worst is that its content is taken, which reading suffices for.
function storePower({ exposure: { public: open, otherAccounts } }: RiskInput): Power {
  const { power } = WEIGHTS_V1;
  const outside = open === true || otherAccounts === 'any' || (otherAccounts ?? 0) > 0;
  return outside
    ? { factor: power.high, why: 'Somebody from outside can take its content.' }
    : { factor: power.read, why: 'Its content can be read from its own account.' };
}

function identityPower({ administrator, grants }: RiskInput): Power {
  const { power, narrowResource } = WEIGHTS_V1;
  if (administrator)
    return {
      factor: power.administrator,
      why: 'It is an administrator: it can do everything in the account.',
    };
  if (grants.length === 0) return { factor: power.none, why: 'It is allowed nothing.' };
  const wide = grants.filter(({ resource }) => resource === '*').map(({ action }) => action);
  const all = grants.map(({ action }) => action);
  const onAll = strongest(wide);
  const onSome = strongest(all);
  const narrowed = onSome.factor * narrowResource;
  if (onAll.factor >= narrowed) return { factor: onAll.factor, why: onAll.why };
  return { factor: narrowed, why: `${onSome.why} On named resources only.` };
}

function strongest(actions: readonly string[]): Power {
  const { power } = WEIGHTS_V1;
  const [worst] = highRiskWithin(actions);
  if (worst?.level === 'critical')
    return { factor: power.critical, why: `Its holder can ${worst.words} (${worst.action}).` };
  const [combination] = combinationsWithin(actions);
  if (combination !== undefined)
    return {
      factor: power.combination,
      why: `Its holder can ${combination.words} (${combination.all.join(' with ')}).`,
    };
  if (worst !== undefined)
    return { factor: power.high, why: `Its holder can ${worst.words} (${worst.action}).` };
  const levels = levelsWithin(actions);
  if (levels.has('Permissions management'))
    return { factor: power.permissions, why: 'It can change who may do what.' };
  if (levels.has('Write')) return { factor: power.write, why: 'It can change things.' };
  if (levels.has('Read')) return { factor: power.read, why: 'It can read.' };
  return actions.length === 0
    ? { factor: power.none, why: 'It is allowed nothing.' }
    : { factor: power.list, why: 'It can only list and tag.' };
}
