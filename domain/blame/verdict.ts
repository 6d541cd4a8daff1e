import { applyChanges } from '../change/apply.js';
import { type Change, type ChangeKind, reverseChange } from '../change/change.js';
import { ChangeError } from '../change/error.js';
import { type AccountInput, parseAccount } from '../graph/account.js';
import { PolicyError } from '../iam/document.js';
import type { Denial, DenyingPolicy } from './denial.js';
import { type Reading, readAccess } from './reading.js';

/** Whether a change caused a denial, in words for the person who was woken by it. */
export interface Blamed {
  verdict: 'yes' | 'no' | 'unknown';
  /** For programs: which reason it is. */
  code: BlameCode;
  why: string;
}

/** `took-away` and `together` are a yes; the last four are an unknown; the others are a no. */
export type BlameCode =
  | 'took-away'
  | 'together'
  | 'none'
  | 'not-applied'
  | 'elsewhere'
  | 'untouched'
  | 'allowed'
  | 'denied-before'
  | 'other-deny'
  | 'setting'
  | 'setting-may'
  | 'depends'
  | 'unreadable'
  | 'too-many';

/** A change of ours, as far as blame looks at it. */
export interface Suspect {
  id: string;
  status: string;
  changes: readonly Change[];
}

/** The verdict on all changes together, and on each by its id. */
export interface BlameVerdict extends Blamed {
  each: ReadonlyMap<string, Blamed>;
}

/** Policies that no change of ours touches, as people call them. */
const NEVER_OURS: Readonly<Partial<Record<DenyingPolicy, string>>> = {
  session: 'a session policy',
  endpoint: 'a VPC endpoint policy',
  scp: 'a service control policy',
  rcp: 'a resource control policy',
};

/** Statuses of changes that are in place, were, or may be half-way. */
const WAS_APPLIED: ReadonlySet<string> = new Set([
  'applying',
  'applied',
  'verified',
  'failed',
  'rolling-back',
  'rolled-back',
]);
const TAKEN_BACK: ReadonlySet<string> = new Set(['rolling-back', 'rolled-back']);

/** Changes that policies decide about; the others are settings, which fail in their own ways. */
const POLICY_KINDS: ReadonlySet<ChangeKind> = new Set<ChangeKind>([
  'inline-policy',
  'managed-policy',
  'policy-attachment',
  'trust-policy',
  'resource-policy',
  'role',
]);

/** Above so many, the newest are judged. */
export const MAX_JUDGED = 20;

/**
 * Whether one of the changes, newest first, caused the denial: the request is evaluated with each one's target as it was
 * before and as it was after. `unknown` is said where the message leaves open what it hangs on.
 */
export function blame(account: AccountInput, suspects: readonly Suspect[], denial: Denial): BlameVerdict {
  const each = new Map<string, Blamed>();
  for (const [index, suspect] of suspects.entries()) {
    const tooMany = unknown('too-many', `only the newest ${MAX_JUDGED} changes are judged`);
    each.set(suspect.id, index < MAX_JUDGED ? blameOne(account, suspect, denial) : tooMany);
  }
  const found = [...each.values()];
  const guilty = found.find(({ verdict }) => verdict === 'yes');
  if (guilty !== undefined) return { ...guilty, each };
  const together = blameTogether(account, suspects.slice(0, MAX_JUDGED), denial);
  if (together !== undefined) {
    for (const [id, { code }] of each) if (code === 'denied-before') each.set(id, together);
    return { ...together, each };
  }
  const doubt = found.find(({ verdict }) => verdict === 'unknown');
  if (doubt !== undefined) return { ...doubt, each };
  return { ...innocence(found), each };
}

function innocence(found: readonly Blamed[]): Blamed {
  const [first] = found;
  if (first === undefined)
    return no('none', 'Curtail never changed anything that decides about this request');
  return found.every(({ code }) => code === first.code)
    ? first
    : no('none', `none of the ${found.length} changes made the difference; each says why`);
}

/** Whether one change, by itself, caused the denial. */
export function blameOne(account: AccountInput, suspect: Suspect, denial: Denial): Blamed {
  if (!WAS_APPLIED.has(suspect.status))
    return no('not-applied', `it is ${suspect.status}: it was not applied`);
  const elsewhere = denial.by === undefined ? undefined : NEVER_OURS[denial.by];
  if (elsewhere !== undefined)
    return no('elsewhere', `AWS says that ${elsewhere} denied it, and Curtail changes none`);
  if (!suspect.changes.some(({ kind }) => POLICY_KINDS.has(kind))) return blameSetting(suspect.changes);
  const before = read(account, suspect.changes.map(reverseChange).reverse(), denial);
  const after = read(account, suspect.changes, denial);
  if (typeof before === 'string') return unknown('unreadable', before);
  if (typeof after === 'string') return unknown('unreadable', after);
  const verdict = compare(before, after, denial);
  const note =
    verdict.verdict === 'yes' && TAKEN_BACK.has(suspect.status) ? '; it has been taken back since' : '';
  return { ...verdict, why: `${verdict.why}${note}` };
}

function compare(before: Reading, after: Reading, { how }: Denial): Blamed {
  if (before.statements === after.statements)
    return no('untouched', 'it touches no statement that speaks about this request');
  if (after.decision === 'allowed') return no('allowed', 'the request is allowed with this change in place');
  if (how === 'explicit' && !after.explicit && after.decision === 'denied')
    return no('other-deny', 'AWS says that a Deny matched, and there is none in what this change left');
  if (before.decision === 'denied') return no('denied-before', 'it was denied before this change too');
  if (before.decision === 'allowed' && after.decision === 'denied')
    return {
      verdict: 'yes',
      code: 'took-away',
      why: 'the request was allowed before this change and is denied after it',
    };
  const keys = [...new Set([...before.dependsOn, ...after.dependsOn])];
  return unknown('depends', `it hangs on what the message does not say: ${keys.slice(0, 6).join(', ')}`);
}

function blameSetting(changes: readonly Change[]): Blamed {
  const kinds = new Set(changes.map(({ kind }) => kind));
  if (kinds.has('public-access-block'))
    return unknown(
      'setting-may',
      'a public access block refuses anonymous callers and, by public policies, other accounts; who calls from this account by its own policies is not affected',
    );
  if (kinds.has('encryption'))
    return unknown(
      'setting-may',
      'encryption with a key asks its users for kms:Decrypt or kms:GenerateDataKey besides',
    );
  return no('setting', 'it changed a setting that no policy decision hangs on');
}

/** Several changes may take away together what none took away alone. */
function blameTogether(
  account: AccountInput,
  suspects: readonly Suspect[],
  denial: Denial,
): Blamed | undefined {
  const inPlace = suspects.filter(({ status }) => WAS_APPLIED.has(status) && !TAKEN_BACK.has(status));
  if (inPlace.length < 2 || (denial.by !== undefined && NEVER_OURS[denial.by] !== undefined))
    return undefined;
  const before = read(
    account,
    inPlace.flatMap(({ changes }) => changes.map(reverseChange).reverse()),
    denial,
  );
  const now = read(account, [], denial);
  if (typeof before === 'string' || typeof now === 'string') return undefined;
  if (compare(before, now, denial).verdict !== 'yes') return undefined;
  const count = inPlace.length;
  return {
    verdict: 'yes',
    code: 'together',
    why: `the request was allowed before these ${count} changes together, and is denied now`,
  };
}

/** The request under the account with those targets set, or why that cannot be read. */
function read(account: AccountInput, changes: readonly Change[], denial: Denial): Reading | string {
  try {
    return readAccess(parseAccount(applyChanges(account, changes)), denial);
  } catch (error) {
    if (error instanceof ChangeError) return `what it changed cannot be read any more: ${error.message}`;
    if (error instanceof PolicyError) return `the policies cannot be evaluated: ${error.message}`;
    throw error;
  }
}

function no(code: BlameCode, why: string): Blamed {
  return { verdict: 'no', code, why };
}
function unknown(code: BlameCode, why: string): Blamed {
  return { verdict: 'unknown', code, why };
}
