import { type Coverage, coverageOf } from '../coverage/coverage.js';
import type { IdentityEvidence } from '../coverage/evidence.js';
import { type Account, type AccountInput, type AccountPrincipal, parseAccount } from '../graph/account.js';
import { EMPTY_NEVER_TOUCH, neverTouchReason } from '../guardrail/never-touch.js';
import type { LoggingScope } from '../usage/logging.js';
import type { UsageRow } from '../usage/usage.js';
import type { ReportInput } from './model.js';
import { isInScope } from './scope.js';
import { type IdentityUse, useByIdentity } from './usage-by-identity.js';

/** One account with everything that drafts about it are computed from. */
export interface Place {
  id: string;
  input: AccountInput;
  account: Account;
  logging: LoggingScope;
  coverage: Coverage;
  /** Whether there is a log of it at all. */
  observed: boolean;
  /** Identities in scope. */
  identities: readonly AccountPrincipal[];
  /** The identity and everybody who holds something editable that it holds, by ARN. */
  sharersOf(principal: AccountPrincipal): readonly string[];
  /** The same without those who share but a wide policy with it. */
  nearSharersOf(principal: AccountPrincipal): readonly string[];
  /** Managed policies that so many hold that each is decided once and not with each holder: holders by ARN. */
  wide: ReadonlyMap<string, readonly string[]>;
  /** Rows of these identities: what a policy that they share is judged by. */
  rowsOf(arns: readonly string[]): readonly UsageRow[];
  useOf(arn: string): IdentityUse;
  /** What the log lacks about the identity, each a sentence. */
  gapsFor(arn: string): readonly string[];
  evidenceOf(arn: string): IdentityEvidence | undefined;
}

/** Reads the accounts of a report. @throws PolicyError when one of them is malformed */
export function openPlaces(input: ReportInput): Place[] {
  const useOf = useByIdentity(input.log);
  return input.accounts.map(({ id, input: own, logging }) => {
    const account = parseAccount(own);
    const trail = input.trails.get(id);
    const coverage = coverageOf({
      account,
      accountId: id,
      log: input.log,
      logging,
      window: input.window,
      ...(trail === undefined ? {} : { trail }),
    });
    const holders = holdersIn(account);
    const wide = new Map([...holders].filter(([arn, of]) => account.policies.has(arn) && of.length > MANY));
    const sharersOf = openSharers(holders, new Map());
    const evidence = new Map(coverage.identities.map((each) => [each.arn, each]));
    const principals = [...account.principals.values()];
    return {
      id,
      input: own,
      account,
      logging,
      coverage,
      observed: trail !== undefined,
      identities: principals.filter(
        ({ tags, serviceLinked }) => !serviceLinked && isInScope(tags, input.scope),
      ),
      sharersOf,
      nearSharersOf: wide.size === 0 ? sharersOf : openSharers(holders, wide),
      wide,
      rowsOf: (arns) => arns.flatMap((arn) => useOf(arn).rows),
      useOf,
      gapsFor: (arn) => gapsOf(coverage, evidence.get(arn)),
      evidenceOf: (arn) => evidence.get(arn),
    };
  });
}

/** More holders than these make a policy a wide one. */
const MANY = 25;

/** Who holds something that can be edited, by the policy's ARN or that of the group whose own policy it is. */
function holdersIn(account: Account): Map<string, string[]> {
  const holders = new Map<string, string[]>();
  for (const principal of account.principals.values()) {
    for (const key of new Set(keysOf(principal))) {
      const known = holders.get(key);
      if (known === undefined) holders.set(key, [principal.arn]);
      else known.push(principal.arn);
    }
  }
  return holders;
}

function openSharers(
  holders: ReadonlyMap<string, readonly string[]>,
  without: ReadonlyMap<string, unknown>,
): (principal: AccountPrincipal) => readonly string[] {
  return (principal) => {
    const keys = keysOf(principal).filter((key) => !without.has(key));
    return [...new Set([principal.arn, ...keys.flatMap((key) => holders.get(key) ?? [])])];
  };
}

// AWS's own policies are held by everybody and edited by nobody, so they make nobody a sharer.
function keysOf({ documents }: AccountPrincipal): string[] {
  return documents.flatMap(({ arn, kind, group }) => {
    if (kind === 'aws') return [];
    return arn ?? group ?? [];
  });
}

function gapsOf({ gaps, regions, malformed }: Coverage, evidence: IdentityEvidence | undefined): string[] {
  const sentences = gaps.map(({ fromDay, toDay, days }) =>
    days === 1
      ? `The trail has no record of ${fromDay}.`
      : `The trail has no record from ${fromDay} to ${toDay}, ${days} days.`,
  );
  if (regions.unread.length > 0)
    sentences.push(`Resources are in ${regions.unread.join(', ')}, but the trail has no record from there.`);
  if (malformed > 0) sentences.push(`${malformed} records of the log could not be read.`);
  for (const blocker of evidence?.blockers ?? []) {
    if (blocker.kind === 'contradicted')
      sentences.push(
        `IAM says that it was used on ${blocker.lastUsedDay}, and the trail shows nothing of it that day or later: records are missing.`,
      );
  }
  return sentences;
}

/** Why the identity is left alone, or null. */
export function leftAlone(principal: AccountPrincipal): string | null {
  const { arn, name, tags } = principal;
  const subject = { arn, name, tags: Object.fromEntries(tags) };
  return neverTouchReason(subject, EMPTY_NEVER_TOUCH);
}
