import { splitArnPattern } from '../iam/arn.js';
import { type PatternPart, splitPattern } from '../iam/pattern.js';

/** A region that is open in every account. */
export const DEFAULT_REGION = 'us-east-1';

/** Fills wildcards of a template or pattern. */
export interface InstanceChoice {
  /** For an account field that both sides leave open. */
  account: string;
  /** Value of a policy variable; undefined leaves the place open. */
  variable?: (key: string) => string | undefined;
}

/**
 * A concrete ARN that both a policy's resource pattern and a template match, or undefined when none does.
 * Wildcards of the template stand for at least one character, as names do.
 */
export function commonInstance(
  pattern: string,
  template: string,
  choice: InstanceChoice,
): string | undefined {
  if (template === '*') return /^\*+$/.test(pattern) ? '*' : undefined;
  const wanted = splitArnPattern(template, { variables: false, complete: true });
  if (wanted === undefined) return undefined;
  const given = /^\*+$/.test(pattern)
    ? (['*', '*', '*', '*', '*', '*'] as const)
    : splitArnPattern(pattern, { variables: true, complete: true });
  if (given === undefined) return undefined;
  const fields = wanted.map((field, index) => {
    const other = given[index] ?? '*';
    if (index === 3 && field === '*') return regionFor(other);
    if (index === 4 && field === '*') return accountFor(other, choice.account);
    return meet(other, field, choice);
  });
  return fields.some((field) => field === undefined) ? undefined : fields.join(':');
}

function regionFor(pattern: string): string | undefined {
  return meet(pattern, DEFAULT_REGION, { account: '' }) ?? meet(pattern, '*', { account: '' });
}
function accountFor(pattern: string, account: string): string | undefined {
  return /[*?]/.test(pattern) ? meet(pattern, account, { account }) : pattern;
}

/** A symbol of a field: a character, any one character, or any text. */
type PatternSymbol = { kind: 'char'; char: string } | { kind: 'one' } | { kind: 'star' };

function symbolsOf(field: string, choice: InstanceChoice): PatternSymbol[] {
  return splitPattern(field, true).flatMap((part) => symbolsOfPart(part, choice));
}
function symbolsOfPart(part: PatternPart, choice: InstanceChoice): PatternSymbol[] {
  if (part.kind === 'text') return [...part.text].map((char) => ({ kind: 'char', char }));
  if (part.kind !== 'variable') return [{ kind: part.kind }];
  const value = choice.variable?.(part.key) ?? part.fallback;
  return value === undefined ? [{ kind: 'star' }] : [...value].map((char) => ({ kind: 'char', char }));
}

const MAX_ARN_CHARS = 2_048;

/** The shortest text that both match, by breadth-first search over pairs of positions; `x` fills what is open. */
function meet(pattern: string, template: string, choice: InstanceChoice): string | undefined {
  if (!/[*?$]/.test(template)) {
    if (/^\*+$/.test(pattern) || pattern === template) return template;
  } else if (/^\*+$/.test(pattern)) return template.replaceAll('*', 'x').replaceAll('?', 'x');
  // AWS's ARNs have at most 2,048 characters; what is longer matches none.
  if (pattern.length > MAX_ARN_CHARS) return undefined;
  const left = symbolsOf(pattern, choice);
  const right = symbolsOf(template, choice).flatMap((symbol): PatternSymbol[] =>
    symbol.kind === 'star' ? [{ kind: 'one' }, symbol] : [symbol],
  );
  const seen = new Set<number>();
  const queue: { i: number; j: number; text: string }[] = [{ i: 0, j: 0, text: '' }];
  for (const at of queue) {
    const key = at.i * (right.length + 1) + at.j;
    if (seen.has(key)) continue;
    seen.add(key);
    const l = left[at.i];
    const r = right[at.j];
    if (l === undefined && r === undefined) return at.text;
    if (l?.kind === 'star') queue.push({ i: at.i + 1, j: at.j, text: at.text });
    if (r?.kind === 'star') queue.push({ i: at.i, j: at.j + 1, text: at.text });
    if (l === undefined || r === undefined) continue;
    const char = agree(l, r);
    if (char === undefined) continue;
    queue.push({
      i: l.kind === 'star' ? at.i : at.i + 1,
      j: r.kind === 'star' ? at.j : at.j + 1,
      text: at.text + char,
    });
  }
  return undefined;
}

function agree(a: PatternSymbol, b: PatternSymbol): string | undefined {
  if (a.kind === 'char' && b.kind === 'char') return a.char === b.char ? a.char : undefined;
  if (a.kind === 'char') return a.char;
  return b.kind === 'char' ? b.char : 'x';
}
