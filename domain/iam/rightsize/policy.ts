import { MAX_INLINE, MAX_MANAGED, policyLength } from '../../change/limits.js';
import type { Json } from '../../json.js';
import { isRecord } from '../../json.js';
import type { Justification } from '../../proof/proof.js';
import { compileActions } from '../match.js';
import { parsePolicy } from '../parse.js';
import type { ActionVerdict, DecisionBasis } from './decide.js';
import { COMPACTNESS, type Compactness } from './fit.js';
import type { SizedPolicy } from './model.js';
import { type RawStatement, rawStatements, sizeStatement } from './statement.js';

/** One policy right-sized, with what was decided about each of its actions. */
export interface PolicySizing {
  policy: SizedPolicy;
  verdicts: readonly ActionVerdict[];
  justification: readonly Justification[];
  /** Statements that allow everything, or everything but a list. */
  openEnded: boolean;
  /** Set when even pressed together it would not fit: the policy is then as it was. */
  tooLarge?: string;
  /** Said when patterns had to be used to fit. */
  compacted?: string;
}

/**
 * Right-sizes one policy. What cannot be made to fit AWS's limits stays as it is. `principal` holds an inline policy that
 * does not say who does.
 * @throws PolicyError when the document is malformed.
 */
export function sizePolicy(policy: SizedPolicy, basis: DecisionBasis, principal?: string): PolicySizing {
  const limit = limitOf(policy, principal);
  for (const compactness of COMPACTNESS) {
    const sized = attempt(policy, basis, compactness);
    if (policyLength(sized.policy.document) > Math.max(limit, 0) && !isSmaller(sized.policy, policy))
      continue;
    if (compactness === 'none') return sized;
    return { ...sized, compacted: compactedWords(policy.name, compactness) };
  }
  const tooLarge = `${policy.name} stays as it is: written out as the actions to keep, it exceeds AWS's limit of ${limit} characters. Split it, or declare which data events are logged so that more can be removed.`;
  return { policy, verdicts: [], justification: [], openEnded: false, tooLarge };
}

function compactedWords(name: string, compactness: Compactness): string {
  return compactness === 'services'
    ? `${name} is over AWS's size limit as a list of actions, so services that are used are allowed whole.`
    : `${name} is over AWS's size limit as a list of actions, so patterns stand for actions that are all kept.`;
}

/** A policy that is over the limit already is not refused for getting smaller. */
function isSmaller(after: SizedPolicy, before: SizedPolicy): boolean {
  return policyLength(after.document) <= policyLength(asJson(before.document));
}

function limitOf(policy: SizedPolicy, principal?: string): number {
  return policy.managed === 'inline' ? MAX_INLINE[policy.holder ?? holderOf(policy, principal)] : MAX_MANAGED;
}

function holderOf({ attachedTo, arn }: SizedPolicy, principal?: string): 'user' | 'group' | 'role' {
  const holder = attachedTo?.[0] ?? arn ?? principal ?? '';
  if (holder.includes(':user/')) return 'user';
  return holder.includes(':group/') ? 'group' : 'role';
}

function attempt(policy: SizedPolicy, basis: DecisionBasis, compactness: Compactness): PolicySizing {
  // Parsed first: it is the strict reader that says what is wrong with a text.
  const parsed = parsePolicy(policy.document, 'identity');
  const document = asJson(policy.document);
  const raw = rawStatements(document);
  const statements: RawStatement[] = [];
  const verdicts = new Map<string, ActionVerdict>();
  const justification: Justification[] = [];
  let openEnded = false;
  for (const statement of parsed.statements) {
    const written = raw[statement.index];
    if (written === undefined) continue;
    if (statement.effect === 'Deny') {
      statements.push(written);
      continue;
    }
    const sized = sizeStatement(statement, written, basis, compactness);
    const left = sized.statements.map((each) => uniqueSid(each, [...raw, ...statements], written));
    statements.push(...left);
    openEnded ||= sized.openEnded;
    const label = statement.sid ?? `#${statement.index}`;
    for (const verdict of leftStanding(sized.verdicts, left)) {
      note(verdicts, verdict);
      if (!verdict.keep) continue;
      justification.push({
        policy: policy.name,
        statement: label,
        action: verdict.action,
        why: verdict.reason,
      });
    }
  }
  return {
    policy: { ...policy, document: withStatements(document, statements) },
    verdicts: [...verdicts.values()],
    justification,
    openEnded,
  };
}

/** Removed in one statement and kept in another is kept. */
function note(verdicts: Map<string, ActionVerdict>, verdict: ActionVerdict): void {
  const key = verdict.action.toLowerCase();
  if (verdicts.get(key)?.keep !== true) verdicts.set(key, verdict);
}

/** What pressing together has left allowed is not removed, whatever was decided. */
function leftStanding(
  verdicts: readonly ActionVerdict[],
  statements: readonly RawStatement[],
): ActionVerdict[] {
  const patterns = statements
    .flatMap((statement) => listOf(statement['Action']))
    .filter((each) => /[*?]/.test(each));
  if (patterns.length === 0) return [...verdicts];
  const isCovered = compileActions({ negated: false, patterns });
  return verdicts.map((verdict) => {
    if (verdict.keep || !isCovered(verdict.action.toLowerCase())) return verdict;
    return {
      ...verdict,
      keep: true,
      reasonCode: 'size-limit',
      reason: 'Unused, but naming only the used actions would exceed AWS’s size limit.',
    };
  });
}

function listOf(value: Json | undefined): string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((item): item is string => typeof item === 'string');
}

/** Statement ids must be unique within a document. */
function uniqueSid(
  statement: RawStatement,
  others: readonly RawStatement[],
  original: RawStatement,
): RawStatement {
  const sid = statement['Sid'];
  if (typeof sid !== 'string' || sid === original['Sid']) return statement;
  const taken = new Set(others.map((other) => other['Sid']));
  let unique = sid;
  for (let n = 2; taken.has(unique); n += 1) unique = `${sid}${n}`;
  return { ...statement, Sid: unique };
}

/** The document as JSON, whether it came as a value or as text. */
export function asJson(document: Json): Json {
  if (typeof document !== 'string') return document;
  const text = /^\s*%7B/i.test(document) ? decodeURIComponent(document) : document;
  return JSON.parse(text) as Json;
}

function withStatements(document: Json, statements: readonly RawStatement[]): Json {
  if (!isRecord(document)) return document;
  const before = document['Statement'];
  const single = !Array.isArray(before) && statements.length === 1 ? statements[0] : undefined;
  return { ...document, Statement: single ?? statements } as unknown as Json;
}
