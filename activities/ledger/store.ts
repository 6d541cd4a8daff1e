import type { BodyKeys } from './bodies.js';
import type { Sql } from './sql.js';

/** What every part of the ledger is built from. */
export interface StoreDeps {
  sql: Sql;
  keys: BodyKeys;
  /** Wall clock in milliseconds since the epoch. */
  now: () => number;
}

/** Longest answer of a listing, and its length when none is asked for. */
export const MAX_LIMIT = 10_000;
export const DEFAULT_LIMIT = 1_000;

/** A caller's limit as a number of rows that is safe to read. */
export function bounded(limit: number | undefined): number {
  if (limit === undefined || !Number.isFinite(limit)) return DEFAULT_LIMIT;
  return Math.min(Math.max(Math.trunc(limit), 0), MAX_LIMIT);
}

/** A nullable column as an optional member: present only when there is a value. */
export function optional<Name extends string, Value>(
  name: Name,
  value: Value | null | undefined,
): { [key in Name]?: Value } {
  return (value === null || value === undefined ? {} : { [name]: value }) as { [key in Name]?: Value };
}

/** A nullable column of JSON text as an optional member. */
export function optionalJson<Name extends string, Value>(
  name: Name,
  text: string | null,
): { [key in Name]?: Value } {
  return optional<Name, Value>(name, text === null ? null : (JSON.parse(text) as Value));
}

/** A document as its column's text; absent becomes NULL. */
export function jsonOrNull(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}
