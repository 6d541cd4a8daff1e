import type { AccountInput } from '../../domain/graph/account.js';
import { isRecord, type Json } from '../../domain/json.js';
import type { PolicyLevels } from './read-scps.js';

/** Lists of an account that pages carry parts of. */
export const LISTS = [
  'UserDetailList',
  'GroupDetailList',
  'RoleDetailList',
  'Policies',
  'resources',
] as const;

/** Where something stands: the file as the reader of the report knows it, and the JSON pointer in it. */
export interface Origin {
  file: string;
  pointer: string;
}

/** One answer of `get-account-authorization-details`, whole or a part. */
export interface Page {
  /** Absent when only AWS's own policies are on it, which name no account. */
  id?: string;
  value: Readonly<Record<string, unknown>>;
  from: Origin;
  /** Whether another page follows it. */
  continues: boolean;
  levels?: PolicyLevels;
}

/** An account put together, and where each of its items stood. */
export interface MergedAccount {
  id: string;
  input: AccountInput;
  origin(item: unknown): Origin | undefined;
}

/** A page, or undefined when the value is none. `folder` is the account id that its folder is named by. */
export function pageOf(
  value: Record<string, unknown>,
  from: Origin,
  folder: string | undefined,
): Page | undefined {
  if (!LISTS.some((list) => Array.isArray(value[list]))) return undefined;
  const id = accountOf(value) ?? folder;
  return { ...(id === undefined ? {} : { id }), value, from, continues: continues(value) };
}

/** The API says `IsTruncated` and `Marker`; the command line with `--max-items` says `NextToken`. */
function continues(value: Record<string, unknown>): boolean {
  return value['IsTruncated'] === true || typeof value['NextToken'] === 'string';
}

function accountOf(value: Record<string, unknown>): string | undefined {
  for (const list of LISTS) {
    const items: readonly unknown[] = Array.isArray(value[list]) ? value[list] : [];
    for (const item of items) {
      const arn = isRecord(item) ? (item['Arn'] ?? item['arn']) : undefined;
      const id = typeof arn === 'string' ? arn.split(':')[4] : undefined;
      if (id !== undefined && /^\d{12}$/.test(id)) return id;
    }
  }
  return undefined;
}

/** Puts pages together by account, in the order of the accounts' first pages; adds to `notes` what seems to be missing. */
export function mergePages(pages: readonly Page[], notes: string[]): MergedAccount[] {
  const ids = [...new Set(pages.flatMap(({ id }) => (id === undefined ? [] : [id])))];
  return ids.map((id) => {
    // Pages without an account hold AWS's own policies, which are everybody's.
    const own = pages.filter((page) => page.id === id || page.id === undefined);
    const named = own.filter((page) => page.id === id);
    if (named.length > 0 && own.every((page) => page.continues))
      notes.push(
        `Account ${id}: every page says that another one follows, so the last ones are missing; what they hold is not in this report.`,
      );
    return merge(id, own);
  });
}

function merge(id: string, pages: readonly Page[]): MergedAccount {
  const origins = new Map<unknown, Origin>();
  const input: Record<string, unknown> = {};
  for (const { value, from, levels } of pages) {
    for (const list of LISTS) {
      if (!Array.isArray(value[list])) continue;
      const items: readonly unknown[] = value[list];
      for (const [i, item] of items.entries())
        origins.set(item, { file: from.file, pointer: `${from.pointer}/${list}/${i}` });
      input[list] = withoutRepeats([...((input[list] as unknown[] | undefined) ?? []), ...items]);
    }
    if (value['credentialReport'] !== undefined) {
      input['credentialReport'] = value['credentialReport'] as Json;
      origins.set(value['credentialReport'], from);
    }
    for (const [key, level] of Object.entries(levels ?? {})) {
      input[key] = level;
      origins.set(level, from);
    }
  }
  return { id, input: input as AccountInput, origin: (item) => origins.get(item) };
}

/** The same page read twice, or exports that overlap, describe the same entity: the later one counts. */
function withoutRepeats(items: readonly unknown[]): unknown[] {
  const byArn = new Map<unknown, unknown>();
  for (const item of items) byArn.set(isRecord(item) ? (item['Arn'] ?? item['arn'] ?? item) : item, item);
  return [...byArn.values()];
}
