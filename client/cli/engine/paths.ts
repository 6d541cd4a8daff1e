import { z } from 'zod';
import { applyChanges } from '../../../domain/change/apply.js';
import { type AccountInput, parseAccount } from '../../../domain/graph/account.js';
import { contrastPaths } from '../../../domain/graph/compare.js';
import { type Escalation, findPaths, type PathAnswer } from '../../../domain/graph/paths.js';
import { asChange, ChangeShape } from './change-input.js';
import { at, checkShape } from './input.js';

const LineShape = z.object({
  account: z.record(z.string(), z.unknown()),
  from: z.union([z.string(), z.array(z.string())]).nullish(),
  change: z.union([ChangeShape, z.array(ChangeShape)]).nullish(),
  nearMisses: z.boolean().nullish(),
});

const EXPECTED = '{"account": …, "from"?: [ARN], "change"?: …, "nearMisses"?: true}';

/** What `curtail paths` answers; `closed` and `opened` when a change was given. */
export interface PathsAnswer extends PathAnswer {
  closed?: readonly Escalation[];
  opened?: readonly Escalation[];
}

/**
 * `curtail paths`: escalation paths, administrators and reach of an account, and what a change does to them.
 * @throws PolicyError pointing into the line; ChangeError when the change does not fit the account
 */
export function paths(line: unknown): PathsAnswer {
  const { account, from, change, nearMisses } = checkShape(LineShape, line, EXPECTED);
  const options = {
    ...(from == null ? {} : { from: typeof from === 'string' ? [from] : from }),
    ...(nearMisses === true ? { nearMisses } : {}),
  };
  const before = at('/account', () => parseAccount(account));
  if (change == null) return findPaths(before, options);
  const changes = Array.isArray(change)
    ? change.map((each, i) => asChange(each, `/change/${i}`))
    : [asChange(change)];
  const after = parseAccount(applyChanges(account as AccountInput, changes));
  const { closed, opened, before: answer } = contrastPaths(before, after, options);
  return { ...answer, closed, opened };
}
