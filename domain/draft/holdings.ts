import type { Change } from '../change/change.js';
import { type Account, type AccountPrincipal, principalsAttachedTo } from '../graph/account.js';
import { expandActions } from '../iam/catalogue.js';
import { compileActions } from '../iam/match.js';
import type { SizedPolicy } from '../iam/rightsize/model.js';
import { asJson } from '../iam/rightsize/policy.js';
import { rawStatements } from '../iam/rightsize/statement.js';
import type { Json } from '../json.js';

/** A policy that a principal holds, and how a new version of it becomes changes. */
export interface Holding {
  policy: SizedPolicy;
  /** The changes that put the new document (null: nothing left) in the old one's place. */
  changes(after: Json): readonly Change[];
}

/** Everything that a principal holds by identity, a user's groups included, as policies that can be right-sized. */
export function holdingsOf(account: Account, principal: AccountPrincipal): Holding[] {
  return principal.documents.map((held) => {
    const document = asJson(held.document);
    if (held.arn !== undefined) {
      return managedHolding(account, {
        name: held.name,
        arn: held.arn,
        kind: held.kind,
        document,
      });
    }
    const holder = held.group ?? principal.arn;
    const attachedTo = held.group === undefined ? [principal.arn] : membersOf(account, held.group);
    return {
      policy: {
        name: held.name,
        managed: 'inline',
        attachedTo,
        holder: held.group === undefined ? principal.kind : 'group',
        document,
      },
      changes: (after) => [inlineChange(holder, held.name, document, after)],
    };
  });
}

function managedHolding(
  account: Account,
  held: { name: string; arn: string; kind: 'inline' | 'customer' | 'aws'; document: Json },
): Holding {
  const { name, arn, document } = held;
  const holders = principalsAttachedTo(account, arn);
  const attachedTo = [
    ...new Set(
      holders.flatMap((holder) => (holder.includes(':group/') ? membersOf(account, holder) : [holder])),
    ),
  ];
  if (held.kind === 'aws') {
    return { policy: { name, arn, managed: 'aws', attachedTo, document }, changes: () => [] };
  }
  return {
    policy: { name, arn, managed: 'customer', attachedTo, document },
    changes: (after) =>
      after === null
        ? holders.map((holder) => detachment(holder, arn))
        : [{ kind: 'managed-policy', target: { arn }, before: document, after }],
  };
}

function membersOf(account: Account, group: string): readonly string[] {
  return account.groups.get(group)?.members ?? [];
}

function inlineChange(principal: string, name: string, before: Json, after: Json): Change {
  return { kind: 'inline-policy', target: { principal, name }, before, after };
}

function detachment(principal: string, arn: string): Change {
  return { kind: 'policy-attachment', target: { principal, arn }, before: { attached: true }, after: null };
}

/**
 * A managed policy that cannot be edited, as a right-sized copy for one principal: the copy is there before the
 * policy is detached, so that the principal is never without either. Roles get an inline copy; users a managed one,
 * since IAM allows them only 2,048 characters inline.
 */
export function forkOf(holding: Holding, principal: AccountPrincipal, account: Account): Holding | undefined {
  const { arn, name, document } = holding.policy;
  if (arn === undefined || !principal.attached.includes(arn)) return undefined;
  const attachedTo = [principal.arn];
  if (principal.kind === 'role') {
    const taken = new Set(principal.documents.map((held) => held.name));
    const copy = freeName(`${name.slice(0, 110)}-rightsized`, taken);
    return {
      policy: { name: copy, managed: 'inline', attachedTo, document },
      changes: (after) => [
        ...(after === null ? [] : [inlineChange(principal.arn, copy, null, after)]),
        detachment(principal.arn, arn),
      ],
    };
  }
  const prefix = `arn:${partitionOf(principal.arn)}:iam::${principal.account}:policy/`;
  const copy = freeName(
    `${prefix}${name.slice(0, 60)}-for-${principal.name.slice(0, 50)}`,
    new Set(account.policies.keys()),
  );
  return {
    policy: { name: copy.slice(prefix.length), arn: copy, managed: 'customer', attachedTo, document },
    changes: (after) => [
      ...(after === null
        ? []
        : [
            { kind: 'managed-policy' as const, target: { arn: copy }, before: null, after },
            { ...detachment(principal.arn, copy), before: null, after: { attached: true } },
          ]),
      detachment(principal.arn, arn),
    ],
  };
}

function partitionOf(arn: string): string {
  return arn.split(':')[1] ?? 'aws';
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  let name = wanted;
  for (let n = 2; taken.has(name); n += 1) name = `${wanted}-${n}`;
  return name;
}

/** Whether the principal's documents grant an action, or one of those that a pattern stands for, on any resource. */
export function isGranted(principal: AccountPrincipal, permission: string): boolean {
  if (!/[*?]/.test(permission)) return grants(principal, permission);
  return expandActions({ actions: [permission] }).actions.some((action) => grants(principal, action));
}

function grants(principal: AccountPrincipal, action: string): boolean {
  return principal.documents.some((held) =>
    rawStatements(asJson(held.document)).some((statement) => {
      if (statement['Effect'] !== 'Allow') return false;
      const negated = statement['NotAction'] !== undefined;
      const written = negated ? statement['NotAction'] : statement['Action'];
      const list: readonly unknown[] = Array.isArray(written) ? written : [written];
      const patterns = list.filter((item): item is string => typeof item === 'string');
      return compileActions({ negated, patterns })(action.toLowerCase());
    }),
  );
}
