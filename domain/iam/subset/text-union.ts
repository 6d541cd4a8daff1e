import type { TextPattern } from './pattern-language.js';
import { covers, intersects } from './pattern-relations.js';

/** A list of patterns of which one has to match, with an index so that lists of thousands cost little. */
export interface TextUnion {
  /** Two unions with the same key have the same language. */
  readonly key: string;
  readonly patterns: readonly TextPattern[];
  readonly literals: ReadonlyMap<string, TextPattern>;
  /** Patterns by their exact text up to the first colon (a service, mostly); `''` holds those without such a head. */
  readonly byHead: ReadonlyMap<string, HeadGroup>;
  /** Some pattern has a variable or is opaque, so that the language depends on the request. */
  readonly approximate: boolean;
}
interface HeadGroup {
  literals: TextPattern[];
  wild: TextPattern[];
}

/** Makes a union; the order of patterns and repetitions make no difference to its key. */
export function unionOf(written: readonly TextPattern[]): TextUnion {
  const patterns = [...new Map(written.map((pattern) => [pattern.key, pattern])).values()];
  const literals = new Map<string, TextPattern>();
  const byHead = new Map<string, HeadGroup>();
  for (const pattern of patterns) {
    const head = headOf(pattern);
    const group = byHead.get(head) ?? { literals: [], wild: [] };
    byHead.set(head, group);
    if (pattern.literal !== undefined) literals.set(pattern.literal, pattern);
    (pattern.literal === undefined ? group.wild : group.literals).push(pattern);
  }
  const keys = patterns.map((pattern) => pattern.key).sort();
  const approximate = patterns.some((pattern) => pattern.hasVariables || pattern.opaque);
  return { key: keys.join('\n'), patterns, literals, byHead, approximate };
}

/** One union in place of several, without a key. */
export function united(unions: readonly TextUnion[]): TextUnion {
  const literals = new Map<string, TextPattern>();
  const byHead = new Map<string, HeadGroup>();
  for (const union of unions) {
    for (const [text, pattern] of union.literals) literals.set(text, pattern);
    for (const [head, group] of union.byHead) {
      const known = byHead.get(head);
      if (known === undefined) byHead.set(head, { literals: [...group.literals], wild: [...group.wild] });
      else {
        known.literals.push(...group.literals);
        known.wild.push(...group.wild);
      }
    }
  }
  const patterns = unions.flatMap((union) => union.patterns);
  return { key: '', patterns, literals, byHead, approximate: unions.some((union) => union.approximate) };
}

const COLON = 58;

/** The exact text up to the first colon, or `''` when there is none before the first wildcard. */
function headOf(pattern: TextPattern): string {
  if (pattern.literal !== undefined) return pattern.literal.slice(0, pattern.literal.indexOf(':') + 1);
  if (pattern.opaque) return '';
  let head = '';
  for (const token of pattern.tokens) {
    if (token < 0 || token > 0xffff) return '';
    head += String.fromCharCode(token);
    if (token === COLON) return head;
  }
  return '';
}

/** Whether one pattern of the union takes every text of `inner` (a no may be wrong, see `covers`). */
export function unionCovers(union: TextUnion, inner: TextPattern): boolean {
  if (inner.literal !== undefined && union.literals.has(inner.literal)) return true;
  const head = headOf(inner);
  if (union.byHead.get(head)?.wild.some((pattern) => covers(pattern, inner)) === true) return true;
  return head !== '' && union.byHead.get('')?.wild.some((pattern) => covers(pattern, inner)) === true;
}

/** The patterns of the union that have a text in common with `inner`. */
export function unionMeets(union: TextUnion, inner: TextPattern): readonly TextPattern[] {
  const head = headOf(inner);
  if (head === '') return union.patterns.filter((pattern) => intersects(pattern, inner));
  const met: TextPattern[] = [];
  for (const name of [head, '']) {
    const group = union.byHead.get(name);
    if (group === undefined) continue;
    for (const pattern of group.wild) if (intersects(pattern, inner)) met.push(pattern);
    if (inner.literal !== undefined) continue;
    for (const pattern of group.literals) if (intersects(pattern, inner)) met.push(pattern);
  }
  const same = inner.literal === undefined ? undefined : union.literals.get(inner.literal);
  return same === undefined ? met : [...met, same];
}
