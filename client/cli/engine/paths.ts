import { z } from 'zod';
import { applyChanges } from '../../../domain/change/apply.js';
import { type AccountInput, parseAccount } from '../../../domain/graph/account.js';
import { contrastPaths } from '../../../domain/graph/compare.js';
import { type Escalation, findPaths, type PathAnswer } from '../../../domain/graph/paths.js';
import { parseChange } from './change-input.js';
import { at, checkShape } from './input.js';

const Line = z.object({
  account: z.record(z.string(), z.unknown()),
  from: z.array(z.string()).optional(),
  change: z.unknown().optional(),
});

/** What `curtail paths` answers; `closed` and `opened` when a change was given. */
export interface PathsAnswer extends PathAnswer {
  closed?: readonly Escalation[];
  opened?: readonly Escalation[];
}

/** `curtail paths`: escalation paths, administrators and reach of an account, and what a change does to them. */
export function paths(line: unknown): PathsAnswer {
  const { account, from, change } = checkShape(Line, line, '{"account": …, "from"?: [ARN], "change"?: …}');
  const options = from === undefined ? {} : { from };
  const before = at('/account', () => parseAccount(account));
  if (change === undefined || change === null) return findPaths(before, options);
  const changes = (Array.isArray(change) ? change : [change]).map(parseChange);
  const after = parseAccount(applyChanges(account as AccountInput, changes));
  const { closed, opened, before: answer } = contrastPaths(before, after, options);
  return { ...answer, closed, opened };
}
