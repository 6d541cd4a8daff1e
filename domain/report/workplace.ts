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
  /** Rows of all sharers: what a shared policy is judged by. */
  rowsFor(principal: AccountPrincipal): readonly UsageRow[];
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
    const sharersOf = openSharers(account);
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
      rowsFor: (principal) => sharersOf(principal).flatMap((arn) => useOf(arn).rows),
      useOf,
      gapsFor: (arn) => gapsOf(coverage, evidence.get(arn)),
      evidenceOf: (arn) => evidence.get(arn),
    };
  });
}

function openSharers(account: Account): (principal: AccountPrincipal) => readonly string[] {
  const holders = new Map<string, Set<string>>();
  for (const principal of account.principals.values()) {
    for (const key of keysOf(principal)) {
      const known = holders.get(key) ?? new Set();
      holders.set(key, known.add(principal.arn));
    }
  }
  return (principal) => [
    ...new Set([principal.arn, ...keysOf(principal).flatMap((key) => [...(holders.get(key) ?? [])])]),
  ];
}

// AWS's own policies are held by everybody and edited by nobody, so they make nobody a sharer.
function keysOf({ documents }: AccountPrincipal): string[] {
  return documents.flatMap(({ arn, kind, group }) => [
    ...(arn === undefined || kind === 'aws' ? [] : [arn]),
    ...(group === undefined ? [] : [group]),
  ]);
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
