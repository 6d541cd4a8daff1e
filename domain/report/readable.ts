import { type AccountInput, parseAccount } from '../graph/account.js';
import { PolicyError, type PolicyType } from '../iam/document.js';
import { parsePolicy } from '../iam/parse.js';
import { isRecord, type Json } from '../json.js';

/** Something of an account that cannot be read. */
export interface UnreadableItem {
  /** What is left out; an object of the input. */
  item: unknown;
  /** JSON pointer within it. */
  pointer: string;
  reason: string;
}

const LISTS = ['GroupDetailList', 'UserDetailList', 'RoleDetailList', 'Policies', 'resources'] as const;
type List = (typeof LISTS)[number];

/**
 * Leaves out of an account what cannot be read, each thing by itself, so that one malformed policy does not hide the
 * rest. Nothing is mended: an identity with a policy that nobody understands is not judged by its other policies.
 */
export function readableAccount(input: AccountInput): { input: AccountInput; faults: UnreadableItem[] } {
  const faults: UnreadableItem[] = [];
  const kept: Partial<Record<List, readonly Json[]>> = {};
  for (const list of LISTS) {
    const items = (input[list] ?? []) as readonly unknown[];
    const around = list === 'UserDetailList' ? { GroupDetailList: kept.GroupDetailList ?? [] } : {};
    const good = items.filter((item) => {
      const fault = faultOf(list, item, around);
      if (fault !== undefined) faults.push({ item, ...fault });
      return fault === undefined;
    });
    kept[list] = good as Json[];
  }
  const rest = readableRest(input, faults);
  return { input: { ...rest, ...kept } as AccountInput, faults };
}

function faultOf(
  list: List,
  item: unknown,
  around: Record<string, readonly Json[]>,
): Omit<UnreadableItem, 'item'> | undefined {
  return attempt(`/${list}/0`, () => {
    const { principals, groups, policies, resources } = parseAccount({ ...around, [list]: [item] });
    for (const { documents } of list === 'GroupDetailList' ? groups.values() : [])
      for (const { name, document } of documents) parseNamed(name, document, 'identity');
    for (const { documents, trust } of principals.values()) {
      for (const { name, group, document } of documents)
        if (group === undefined) parseNamed(name, document, 'identity');
      if (trust !== null) parseNamed('the trust policy', trust, 'trust');
    }
    for (const { document } of policies.values()) parsePolicy(document, 'identity');
    for (const { policy } of resources.values()) if (policy !== undefined) parsePolicy(policy, 'resource');
  });
}

function parseNamed(name: string, document: Json, type: PolicyType): void {
  try {
    parsePolicy(document, type);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw new PolicyError(error.type, error.pointer, `${name}: ${error.message}`);
  }
}

/** The organisation's policies and the credential report, without those that cannot be read. */
function readableRest(input: AccountInput, faults: UnreadableItem[]): AccountInput {
  const { credentialReport, scps, rcps } = input;
  const rest: AccountInput = {};
  if (credentialReport !== undefined) {
    const fault = attempt('/credentialReport', () => void parseAccount({ credentialReport }));
    if (fault === undefined) rest.credentialReport = credentialReport;
    else faults.push({ item: credentialReport, ...fault });
  }
  for (const [key, type, levels] of [['scps', 'scp', scps] as const, ['rcps', 'rcp', rcps] as const]) {
    if (levels === undefined) continue;
    const fault = organisationFault(key, type, levels);
    if (fault === undefined) rest[key] = levels;
    else faults.push({ item: levels, ...fault });
  }
  return rest;
}

/** Why organisation policies cannot be read; undefined when each of them can. */
export function organisationFault(
  key: 'scps' | 'rcps',
  type: 'scp' | 'rcp',
  levels: readonly (readonly Json[])[],
): { pointer: string; reason: string } | undefined {
  return attempt('', () => {
    const read = parseAccount({ [key]: levels }).organisation.get('')?.[key] ?? [];
    for (const [i, level] of read.entries())
      for (const [j, document] of level.entries()) {
        const fault = attempt('', () => void parsePolicy(document, type));
        if (fault !== undefined)
          throw new PolicyError('InvalidDocument', `/${key}/${i}/${j}${fault.pointer}`, fault.reason);
      }
  });
}

function attempt(prefix: string, read: () => void): { pointer: string; reason: string } | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    const { pointer, message } = error;
    // The place is told apart: within the item, not within what it was tried in.
    const reason = message.replace(` at ${pointer}`, '');
    return { pointer: pointer.startsWith(prefix) ? pointer.slice(prefix.length) : pointer, reason };
  }
}

/** A name for what was left out: its ARN where it has one. */
export function nameOfItem(item: unknown): string | undefined {
  if (!isRecord(item)) return undefined;
  const arn = item['Arn'] ?? item['arn'] ?? item['RoleName'] ?? item['UserName'];
  return typeof arn === 'string' ? arn.slice(0, 300) : undefined;
}
