import { isRecord, type Json } from '../../domain/json.js';
import { organisationFault } from '../../domain/report/readable.js';
import { readJson } from './json-files.js';

/** Organisation policies over an account, from the root's level to the account's. */
export interface PolicyLevels {
  scps?: readonly (readonly Json[])[];
  rcps?: readonly (readonly Json[])[];
}

/** Organisation policies by account id; `*` is every account that has none of its own. */
export type PolicyLevelsByAccount = ReadonlyMap<string, PolicyLevels>;

const WANTED = 'pass [[policy, …] per level, root first], {"scps": …, "rcps": …}, or either by account id';

/**
 * Reads organisation policies: `[[Document]]` from the root's level to the account's, `{"scps": …, "rcps": …}`, or
 * either by account id. In place of a document there may be what `aws organizations describe-policy` answers. A plain
 * list is one level. A policy that cannot be read makes the whole file unusable: without it, more would seem allowed.
 * @throws Error that names the place.
 */
export async function readScps(path: string): Promise<PolicyLevelsByAccount> {
  const read = await readJson(path);
  if (!read.ok) {
    const place = read.place === undefined ? '' : `, ${read.place}`;
    throw new Error(`reading ${path}${place}: ${read.reason}; ${WANTED}`);
  }
  const byAccount = byAccountOf(read.value);
  if (byAccount.size === 0) throw new Error(`reading ${path}: not organisation policies; ${WANTED}`);
  for (const [id, { scps, rcps }] of byAccount) {
    const fault =
      organisationFault('scps', 'scp', scps ?? []) ?? organisationFault('rcps', 'rcp', rcps ?? []);
    if (fault !== undefined) {
      const of = id === '*' ? '' : ` of account ${id}`;
      throw new Error(`reading ${path}${of} at ${fault.pointer}: ${fault.reason}`);
    }
  }
  return byAccount;
}

function byAccountOf(value: unknown): Map<string, PolicyLevels> {
  if (Array.isArray(value)) return new Map([['*', { scps: levelsOf(value) }]]);
  if (!isRecord(value)) return new Map();
  if ('scps' in value || 'rcps' in value) return new Map([['*', organisationPolicies(value)]]);
  if (isDescribed(value)) return new Map([['*', { scps: [[documentOf(value)]] }]]);
  return new Map(
    Object.entries(value)
      .filter(([id]) => /^\d{12}$/.test(id))
      .map(([id, own]): [string, PolicyLevels] => [
        id,
        isRecord(own) ? organisationPolicies(own) : { scps: levelsOf(own) },
      ]),
  );
}

/** The members `scps` and `rcps` of a value, where it has them. */
export function organisationPolicies(value: Record<string, unknown>): PolicyLevels {
  const { scps, rcps } = value;
  return {
    ...(Array.isArray(scps) ? { scps: levelsOf(scps) } : {}),
    ...(Array.isArray(rcps) ? { rcps: levelsOf(rcps) } : {}),
  };
}

function levelsOf(value: unknown): Json[][] {
  if (!Array.isArray(value)) return [];
  if (value.every(Array.isArray)) return value.map((level: unknown[]) => level.map(documentOf));
  return [value.map(documentOf)];
}

function isDescribed(value: Record<string, unknown>): boolean {
  return isRecord(value['Policy']) && 'Content' in value['Policy'];
}

/** https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribePolicy.html */
function documentOf(value: unknown): Json {
  if (!isRecord(value)) return value as Json;
  const policy = isRecord(value['Policy']) ? value['Policy'] : value;
  return (policy['Content'] ?? policy) as Json;
}
