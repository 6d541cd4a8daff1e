import { currentState } from '../change/apply.js';
import type { Change } from '../change/change.js';
import type { AccountPrincipal } from '../graph/account.js';
import { usedWords } from '../iam/rightsize/decide.js';
import { asJson } from '../iam/rightsize/policy.js';
import { rawStatements } from '../iam/rightsize/statement.js';
import { indexUse } from '../iam/rightsize/use-index.js';
import { isRecord, type Json } from '../json.js';
import { principalKey } from '../usage/principal.js';
import { windowDays } from '../usage/seasonality.js';
import { type Case, noChange, type Plan, type PlanResult, refused } from './model.js';
import { workloadsOf } from './workloads.js';

/**
 * An identity that nobody used: it is disabled first, which is undone by taking one policy away, and deleted later
 * when nobody missed it.
 */
export function planUnusedIdentity(the: Case, principal: AccountPrincipal): PlanResult {
  const inUse = useOf(the, principal.arn) ?? lastUseOf(the, principal.lastUsedIso);
  if (inUse !== undefined) return noChange('identity-used', `${principal.name} is in use. ${inUse}`);
  if (principal.kind === 'user') {
    return refused(
      'user-not-supported',
      `${principal.name} is a user: deactivate its access keys and its password with its owner; only roles are disabled by a policy.`,
    );
  }
  const change: Pick<Change, 'kind' | 'target'> = { kind: 'role', target: { principal: principal.arn } };
  const before = currentState(the.input.account, change);
  if (isRecord(before) && before['disabled'] === true) return planDeletion(the, principal);
  const attached = workloadsOf(the.account, principal.arn);
  return plan({ ...change, before, after: { disabled: true } }, the, {
    removed: {
      action: '*',
      reasonCode: 'unused-identity',
      reason: `The role was not used in the ${days(the)} days of the window, so it is disabled: everything is denied until the policy CurtailDisabled is taken away.`,
    },
    nextSteps: [`Delete ${principal.name} as a second change when it was not missed.`],
    blindSpots: [
      ...credentialBlindSpots(the),
      ...attached.map(({ arn }) => `${arn} is configured with this role and would fail when it runs.`),
    ],
  });
}

/** A role that is disabled and still not missed is deleted: what grants goes first, what denies goes last. */
function planDeletion(the: Case, principal: AccountPrincipal): Plan {
  const target = { principal: principal.arn };
  const inline = principal.documents.filter((held) => held.arn === undefined);
  const denying = inline.filter((held) => holdsDeny(held.document));
  const granting = inline.filter((held) => !holdsDeny(held.document));
  const removal = (held: { name: string; document: Json }): Change => ({
    kind: 'inline-policy',
    target: { ...target, name: held.name },
    before: asJson(held.document),
    after: null,
  });
  const changes: Change[] = [
    ...granting.map(removal),
    ...principal.attached.map(
      (arn): Change => ({
        kind: 'policy-attachment',
        target: { ...target, arn },
        before: { attached: true },
        after: null,
      }),
    ),
    ...denying.map(removal),
    { kind: 'role', target, before: { disabled: false }, after: null },
  ];
  const words = {
    action: '*',
    reasonCode: 'unused-identity',
    reason: `${principal.name} has been disabled and was not used in the ${days(the)} days of the window, so it is deleted.`,
  };
  return {
    kind: 'plan',
    changes,
    removed: [words],
    kept: [],
    justification: [{ policy: principal.name, statement: 'role', action: '*', why: words.reason }],
    usedHighRisk: [],
    blindSpots: ['A deleted role cannot be restored; its disabled state can.'],
  };
}

function holdsDeny(document: Json): boolean {
  return rawStatements(asJson(document)).some((statement) => statement['Effect'] === 'Deny');
}

/** An access key that nobody used: it is deactivated first, and deleted as a second step. */
export function planUnusedCredential(the: Case, principal: AccountPrincipal): PlanResult {
  const { subject, evidence } = the.input.finding;
  const id = subject.credentialId;
  if (id === undefined) {
    return refused(
      'credential-unknown',
      'The finding does not name the access key; deactivate it by hand, or import the finding again with its key id.',
    );
  }
  const change: Pick<Change, 'kind' | 'target'> = {
    kind: 'access-key',
    target: { principal: principal.arn, name: id },
  };
  const before = currentState(the.input.account, change);
  if (before === null) return noChange('already-fixed', `The access key ${id} no longer exists.`);
  const unsigned = the.usage.calls.some(
    (call) => call.principal !== undefined && principalKey(call.principal) === principalKey(principal.arn),
  );
  const lastUse = keyUse(the, id) ?? lastUseOf(the, evidence.lastUsedIso);
  if (lastUse !== undefined) return noChange('credential-used', `The access key ${id} is in use. ${lastUse}`);
  if (isRecord(before) && before['status'] === 'Inactive') {
    return plan({ ...change, before, after: null }, the, {
      removed: {
        action: '*',
        reasonCode: 'unused-credential',
        reason: `The access key ${id} has been inactive, so it is deleted.`,
      },
      nextSteps: [],
      blindSpots: [],
    });
  }
  return plan({ ...change, before, after: { status: 'Inactive' } }, the, {
    removed: {
      action: '*',
      reasonCode: 'unused-credential',
      reason: `The access key ${id} was not used in the ${days(the)} days of the window, so it is deactivated; activating it again undoes this.`,
    },
    nextSteps: [`Delete the access key ${id} as a second change when it was not missed.`],
    blindSpots: [
      ...credentialBlindSpots(the),
      ...(unsigned
        ? [
            `${principal.name} made calls in the window; none that is recorded with a key was signed by this one.`,
          ]
        : []),
    ],
  });
}

function plan(
  change: Change,
  the: Case,
  words: { removed: Plan['removed'][number]; nextSteps: readonly string[]; blindSpots: readonly string[] },
): Plan {
  return {
    kind: 'plan',
    changes: [change],
    removed: [words.removed],
    kept: [],
    justification: [
      {
        policy: the.input.finding.subject.name,
        statement: change.kind,
        action: '*',
        why: words.removed.reason,
      },
    ],
    usedHighRisk: [],
    blindSpots: words.blindSpots,
    nextSteps: words.nextSteps,
  };
}

function days(the: Case): number {
  return windowDays(the.window.fromIso, the.window.toIso);
}

/** Any use that the log shows, data events or not: it speaks against disabling. */
function useOf(the: Case, arn: string): string | undefined {
  const [most] = [...indexUse(the.usage, new Set([principalKey(arn)])).values()].sort(
    (a, b) => b.count - a.count,
  );
  return most === undefined ? undefined : `${most.action}: ${usedWords(most)}`;
}

/** IAM's own last-used date, or the platform's, when it lies within the window. */
function lastUseOf(the: Case, iso: string | undefined): string | undefined {
  if (iso === undefined || Number.isNaN(Date.parse(iso))) return undefined;
  return Date.parse(iso) >= Date.parse(the.window.fromIso)
    ? `It was last used on ${iso.slice(0, 10)}.`
    : undefined;
}

/** A record of the log names the key that signed it. */
function keyUse(the: Case, id: string): string | undefined {
  const times = the.input.usage
    .flatMap(recordsOf)
    .filter((record) => signedWith(record, id))
    .map((record) => record['eventTime']);
  const last = times
    .filter((time): time is string => typeof time === 'string')
    .sort()
    .at(-1);
  return last === undefined ? undefined : `It signed ${times.length} calls, last on ${last.slice(0, 10)}.`;
}

function recordsOf(item: unknown): Record<string, unknown>[] {
  if (!isRecord(item)) return [];
  const { Records: records } = item;
  return Array.isArray(records) ? records.filter(isRecord) : [item];
}

function signedWith(record: Record<string, unknown>, id: string): boolean {
  const identity = record['userIdentity'] as Json | undefined;
  return isRecord(identity) && identity['accessKeyId'] === id;
}

function credentialBlindSpots(the: Case): string[] {
  return the.logging.management
    ? []
    : ['Management events are not logged, so use of it may not have been seen.'];
}
