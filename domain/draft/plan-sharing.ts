import { currentState } from '../change/apply.js';
import type { Change } from '../change/change.js';
import { type RawStatement, rawStatements } from '../iam/rightsize/statement.js';
import { isRecord, type Json } from '../json.js';
import type { ActionReason, Justification } from '../proof/proof.js';
import { logsDataEvents } from '../usage/logging.js';
import { principalKey } from '../usage/principal.js';
import { type Case, noChange, type PlanResult, refused } from './model.js';

/** Operators that a test on the caller's ARN can be added to without touching the statement's own tests. */
const ARN_OPERATORS = ['ArnEquals', 'ArnLike', 'StringEquals', 'StringLike'] as const;

interface Reader {
  arn: string;
  count: number;
  lastIso?: string;
}

/**
 * Holds a store's policy to the identities that were seen to use it: explicit principals that did not are taken
 * off, and statements for an account or for everybody get a condition on the caller's ARN. Adding a condition can
 * only restrict, where naming a role instead of its account would also free it from needing its own permission.
 */
export function planSharing(the: Case, arn: string): PlanResult {
  const before = currentState(the.input.account, { kind: 'resource-policy', target: { arn } });
  if (before === null) return noChange('already-fixed', `${arn} has no policy that could share it.`);
  const service = arn.split(':')[2] ?? '';
  if (!logsDataEvents(the.logging, service)) {
    return refused(
      'data-events-not-logged',
      `Who uses ${arn} cannot be seen: data events of ${service} are not declared as logged. Switch them on for a full window first.`,
    );
  }
  const { readers, unnamed } = readersOf(the, arn);
  if (unnamed > 0) {
    return refused(
      'caller-unnamed',
      `${unnamed} calls on ${arn} came from services or callers whose ARN the log does not show; a list of names would cut them off.`,
    );
  }
  const narrowed = rawStatements(before).map((statement) => narrow(statement, readers));
  if (narrowed.every((each) => each.kind === 'same')) {
    return noChange('nothing-to-remove', `Everybody whom the policy of ${arn} names was seen to use it.`);
  }
  const statements = narrowed.flatMap((each) => (each.statement === undefined ? [] : [each.statement]));
  const after =
    statements.length === 0 ? null : ({ ...(before as object), Statement: statements } as unknown as Json);
  const change: Change = { kind: 'resource-policy', target: { arn }, before, after };
  return {
    kind: 'plan',
    changes: [change],
    removed: narrowed.flatMap((each) => each.removed),
    kept: [...readers.values()].map(keptWords),
    justification: narrowed.flatMap((each, i) => justify(arn, i, each)),
    usedHighRisk: [],
    blindSpots: [],
  };
}

interface Narrowed {
  kind: 'same' | 'narrower' | 'gone';
  statement?: RawStatement;
  removed: readonly ActionReason[];
}

function justify(arn: string, index: number, each: Narrowed): Justification[] {
  if (each.kind === 'same') return [];
  return each.removed.map((reason) => ({
    policy: arn,
    statement: `#${index}`,
    action: reason.action,
    why: reason.reason,
  }));
}

function keptWords({ arn, count, lastIso }: Reader): ActionReason {
  const last = lastIso === undefined ? '' : `, last on ${lastIso.slice(0, 10)}`;
  return { action: '*', reasonCode: 'used', reason: `${arn} used the store ${count} times${last}.` };
}

/** Who used the store, by `principalKey`, and how many calls came from somebody without an ARN. */
function readersOf(the: Case, arn: string): { readers: Map<string, Reader>; unnamed: number } {
  const readers = new Map<string, Reader>();
  let unnamed = 0;
  for (const call of the.usage.calls) {
    if (call.outcome === 'denied' || call.count === 0) continue;
    if (!call.pairs.some((pair) => pair.resource === arn || pair.resource?.startsWith(`${arn}/`))) continue;
    if (call.service || call.principal === undefined || !call.principal.startsWith('arn:')) {
      unnamed += call.count;
      continue;
    }
    const key = principalKey(call.principal);
    const known = readers.get(key);
    const last = [known?.lastIso, call.lastIso]
      .filter((iso) => iso !== undefined)
      .sort()
      .at(-1);
    readers.set(key, {
      arn: fullArn(the, key) ?? call.principal,
      count: (known?.count ?? 0) + call.count,
      ...(last === undefined ? {} : { lastIso: last }),
    });
  }
  return { readers, unnamed };
}

/** A session's ARN has lost the role's path, and conditions compare the whole ARN. */
function fullArn(the: Case, key: string): string | undefined {
  return [...the.account.principals.keys()].find((arn) => principalKey(arn) === key);
}

function narrow(statement: RawStatement, readers: ReadonlyMap<string, Reader>): Narrowed {
  const same: Narrowed = { kind: 'same', statement, removed: [] };
  if (statement['Effect'] !== 'Allow' || statement['NotPrincipal'] !== undefined) return same;
  const principal = statement['Principal'];
  const aws = awsOf(principal);
  if (aws.length === 0) return same;
  const open = aws.filter(isOpen);
  const named = aws.filter((each) => !isOpen(each));
  const idle = named.filter((each) => !readers.has(principalKey(each)) && each.startsWith('arn:'));
  const idleWords = idle.map(
    (each): ActionReason => ({
      action: '*',
      reasonCode: 'unused',
      reason: `${each} was not seen to use the store in the window and is taken off its policy.`,
    }),
  );
  if (open.length === 0) {
    if (idle.length === 0) return same;
    const left = named.filter((each) => !idle.includes(each));
    const next = withAws(statement, left);
    return next === undefined
      ? { kind: 'gone', removed: idleWords }
      : { kind: 'narrower', statement: next, removed: idleWords };
  }
  return restrict(statement, open, readers) ?? same;
}

/** An account, its root, or everybody. */
function isOpen(principal: string): boolean {
  return principal === '*' || /^\d{12}$/.test(principal) || /^arn:[^:]*:iam::\d{12}:root$/.test(principal);
}

function awsOf(principal: Json | undefined): string[] {
  if (principal === '*') return ['*'];
  const aws = isRecord(principal) ? principal['AWS'] : undefined;
  const list: readonly unknown[] = Array.isArray(aws) ? aws : [aws];
  return list.filter((item): item is string => typeof item === 'string');
}

function withAws(statement: RawStatement, aws: readonly string[]): RawStatement | undefined {
  const principal = statement['Principal'];
  if (!isRecord(principal)) return aws.length === 0 ? undefined : statement;
  const others = Object.fromEntries(Object.entries(principal).filter(([name]) => name !== 'AWS'));
  if (aws.length === 0 && Object.keys(others).length === 0) return undefined;
  const next = aws.length === 0 ? others : { ...others, AWS: aws.length === 1 ? (aws[0] ?? '') : aws };
  return { ...statement, Principal: next as Json };
}

function restrict(
  statement: RawStatement,
  open: readonly string[],
  readers: ReadonlyMap<string, Reader>,
): Narrowed | undefined {
  const reason = (text: string): ActionReason[] => [{ action: '*', reasonCode: 'over-shared', reason: text }];
  const whom = open.includes('*') ? 'everybody' : `everybody in ${open.join(', ')}`;
  const callers = [...readers.values()].map((reader) => reader.arn).sort();
  if (callers.length === 0) {
    const left = withAws(
      statement,
      awsOf(statement['Principal']).filter((each) => !isOpen(each)),
    );
    const text = `It was open to ${whom}, and nobody was seen to use the store, so it is removed.`;
    return left === undefined || statement['Principal'] === '*'
      ? { kind: 'gone', removed: reason(text) }
      : { kind: 'narrower', statement: left, removed: reason(text) };
  }
  const condition = isRecord(statement['Condition']) ? statement['Condition'] : {};
  const operator = ARN_OPERATORS.find((name) => !hasKey(condition[name]));
  if (operator === undefined || namesCaller(condition)) return undefined;
  const test = { ...(isRecord(condition[operator]) ? condition[operator] : {}), 'aws:PrincipalArn': callers };
  return {
    kind: 'narrower',
    statement: { ...statement, Condition: { ...condition, [operator]: test } as Json },
    removed: reason(
      `It was open to ${whom}; it is now held to the ${callers.length} identities that used the store.`,
    ),
  };
}

function hasKey(tests: unknown): boolean {
  return isRecord(tests) && Object.keys(tests).some((key) => key.toLowerCase() === 'aws:principalarn');
}

function namesCaller(condition: Readonly<Record<string, unknown>>): boolean {
  return Object.values(condition).some(hasKey);
}
