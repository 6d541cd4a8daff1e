import { applyChange, currentState, sameState } from '../change/apply.js';
import type { Change } from '../change/change.js';
import { ChangeError } from '../change/error.js';
import { summariseChange } from '../change/render.js';
import type { AccountInput } from '../graph/account.js';
import { canonicalJson } from '../json.js';
import type { Drafted, ReportFix } from './model.js';

/** Gathers fixes: the same change for several subjects is one fix, and together they make the account afterwards. */
export interface FixList {
  /** Takes a draft and answers the id of its fix. */
  add(drafted: Drafted): string;
  fixes(): ReportFix[];
  /** The accounts with every fix applied that fits beside the others. */
  accountsAfter(): AccountInput;
}

interface OpenFix extends ReportFix {
  subjects: string[];
}

/** Opens an empty list over the accounts as they are. `digest` is SHA-256 in hex. */
export function openFixList(accounts: AccountInput, digest: (text: string) => string): FixList {
  const open = new Map<string, OpenFix>();
  let after = accounts;

  function add(drafted: Drafted): string {
    const id = digest(canonicalJson(drafted.draft.changes)).slice(0, 10);
    const known = open.get(id);
    if (known !== undefined) {
      if (!known.subjects.includes(drafted.subject)) known.subjects.push(drafted.subject);
      return id;
    }
    const { verdict } = drafted.draft.proof;
    const proved = verdict === 'proved' || verdict === 'partial';
    const next = proved ? together(after, drafted.draft.changes) : undefined;
    if (next !== undefined) after = next;
    const leftOut = proved ? ('overlaps' as const) : ('not-proved' as const);
    open.set(id, { ...fixOf(drafted, id), ...(next === undefined ? { leftOut } : {}) });
    return id;
  }

  return { add, fixes: () => [...open.values()], accountsAfter: () => after };
}

/** The accounts with the changes too; undefined when an earlier fix left something else than what they start from. */
function together(accounts: AccountInput, changes: readonly Change[]): AccountInput | undefined {
  let next = accounts;
  try {
    for (const change of changes) {
      const found = currentState(next, change);
      if (sameState(found, change.after)) continue;
      if (!sameState(found, change.before)) return undefined;
      next = applyChange(next, change);
    }
    return next;
  } catch (error) {
    if (error instanceof ChangeError) return undefined;
    throw error;
  }
}

function fixOf({ subject, also = [], title, account, draft, inputs }: Drafted, id: string): OpenFix {
  const { changes, proof, confidence, removed, kept, usedHighRisk, justification } = draft;
  return {
    id,
    title,
    account,
    subjects: [subject, ...also],
    changes,
    sentences: changes.map(summariseChange),
    proof,
    confidence,
    removed,
    kept,
    usedHighRisk,
    next: justification.filter(({ statement }) => statement === 'next step').map(({ why }) => why),
    risk: { before: draft.riskBefore.value, after: draft.riskAfter.value },
    inputs,
    folder: `fixes/${folderName(account) || 'account'}/${folderName(subject.slice(subject.lastIndexOf('/') + 1))}-${id}`,
  };
}

/** A name of any origin as one folder's name: no separators, no dots that climb, nothing that a shell reads. */
export function folderName(text: string): string {
  return text
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 80);
}
