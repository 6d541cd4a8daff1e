import { readDate } from '../conditions/date.js';
import { readAddress } from '../conditions/ip.js';
import { readNumber } from '../conditions/number.js';
import type { Language } from './atoms.js';
import type { Budget } from './budget.js';
import { ADDRESSES, holds, REALS, solveLine, V6_BASE } from './line-theory.js';
import { matchesText } from './pattern-relations.js';
import { solveText } from './text-theory.js';
import type { Typing } from './typing.js';

/** What a field's literals demand of one value. */
export interface Demand {
  within: readonly Language[];
  outside: readonly Language[];
}
/** A value of the field that fits, none, or unknown within the budget. */
export type ValueAnswer = { kind: 'none' } | { kind: 'value'; value: string } | { kind: 'unknown' };

/**
 * A value of the field that meets the demand. Text, numbers, dates and addresses are judged apart; a value that
 * has to be several at once is only as good as its check, but `none` is certain.
 */
export function solveValue(field: string, demand: Demand, typing: Typing, budget: Budget): ValueAnswer {
  const found: string[] = [];
  let unknown = false;
  for (const theory of ['number', 'date', 'address', 'text'] as const) {
    const within = demand.within.filter((language) => language.theory === theory);
    const outside = demand.outside.filter((language) => language.theory === theory);
    if (within.length + outside.length === 0 && !(theory === 'text' && typing.domain(field) !== undefined))
      continue;
    // A value that is no number at all is outside every range, unless the key is typed by its operators.
    if (within.length === 0 && theory !== 'text' && typing.only(field) !== theory) continue;
    const answer = solveTheory(theory, { within, outside }, field, typing, budget);
    if (answer.kind === 'none') return answer;
    if (answer.kind === 'unknown') unknown = true;
    if (answer.kind === 'value') found.push(answer.value);
  }
  const value = found.find((text) => meets(demand, text)) ?? found[0];
  if (unknown) return { kind: 'unknown' };
  return { kind: 'value', value: value ?? 'x' };
}

function solveTheory(
  theory: Language['theory'],
  { within, outside }: Demand,
  field: string,
  typing: Typing,
  budget: Budget,
): ValueAnswer {
  if (theory === 'text') {
    const domain = typing.domain(field);
    const unions = within.flatMap((language) => (language.theory === 'text' ? [language.union] : []));
    return solveText(
      {
        within: unions,
        domain,
        outside: outside.flatMap((language) => (language.theory === 'text' ? [language.union] : [])),
      },
      budget,
    );
  }
  if (theory === 'address') {
    const unions = (list: readonly Language[]) =>
      list.flatMap((l) => (l.theory === 'address' ? [l.union] : []));
    const solved = solveLine(ADDRESSES, { within: unions(within), outside: unions(outside) });
    return solved === undefined ? { kind: 'none' } : { kind: 'value', value: writeAddress(solved.point) };
  }
  const unions = (list: readonly Language[]) => list.flatMap((l) => (l.theory === theory ? [l.union] : []));
  const solved = solveLine(REALS, { within: unions(within) as never, outside: unions(outside) as never });
  if (solved === undefined) return { kind: 'none' };
  return { kind: 'value', value: theory === 'number' ? writeNumber(solved.point) : writeDate(solved.point) };
}

/** Whether a concrete value is in the language; variables and unmodelled values match nothing. */
export function inLanguage(language: Language, text: string): boolean {
  if (language.theory === 'text')
    return language.union.patterns.some((pattern) => matchesText(pattern, text));
  if (language.theory === 'address') {
    const address = readAddressPoint(text);
    return address !== undefined && holds(ADDRESSES, language.union, address);
  }
  const value = language.theory === 'number' ? readNumber(text) : readDate(text);
  return value !== undefined && holds(REALS, language.union, value);
}

function meets(demand: Demand, text: string): boolean {
  const all = demand.within.every((language) => inLanguage(language, text));
  return all && !demand.outside.some((language) => inLanguage(language, text));
}

function readAddressPoint(text: string): bigint | undefined {
  const groups = readAddress(text);
  if (groups === undefined) return undefined;
  const value = groups.reduce((sum, group) => (sum << 16n) + BigInt(group), 0n);
  return groups.length === 2 ? value : value + V6_BASE;
}

function writeAddress(point: bigint): string {
  if (point < V6_BASE) return [24n, 16n, 8n, 0n].map((shift) => (point >> shift) & 255n).join('.');
  const value = point - V6_BASE;
  return Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16)).join(
    ':',
  );
}

function writeNumber(value: number): string {
  return String(value);
}

/** Instants outside the years that ISO text can hold are written as epoch seconds. */
function writeDate(ms: number): string {
  const date = new Date(ms);
  const year = Number.isNaN(date.getTime()) ? -1 : date.getUTCFullYear();
  return year >= 0 && year <= 9999 ? date.toISOString() : String(Math.trunc(ms / 1000));
}
