import type { Account, AccountPrincipal } from '../graph/account.js';
import { splitArn } from '../iam/arn.js';
import type { LoggingScope } from '../usage/logging.js';
import { principalKey } from '../usage/principal.js';
import { windowDays } from '../usage/seasonality.js';
import type { UsageLog } from '../usage/usage.js';
import { type Blocker, type IdentityEvidence, isEditable, openGrants, openSight } from './evidence.js';
import { type Setting, settingsFor } from './settings.js';
import { type Gap, gapsOf, type TrailFacts } from './trail.js';

/** A window that has seen what runs once a quarter. */
export const FULL_WINDOW_DAYS = 90;

/** What coverage is judged from. */
export interface CoverageInput {
  account: Account;
  /** Id of the account in question; the others of an organisation are left out. */
  accountId: string;
  log: UsageLog;
  logging: LoggingScope;
  window: { fromIso: string; toIso: string };
  /** Absent: no trail was read. */
  trail?: TrailFacts;
}

/** How far an account's evidence carries, before anything is drafted. */
export interface Coverage {
  accountId: string;
  window: { fromIso: string; toIso: string; days: number };
  /** Records of the account. */
  events: number;
  unmapped: { count: number; names: readonly string[] };
  malformed: number;
  managementEvents: boolean;
  gaps: readonly Gap[];
  regions: { read: readonly string[]; unread: readonly string[] };
  /** Services whose data events are declared as recorded, seen without being declared, or neither although roles may use them. */
  dataEvents: { declared: readonly string[] | 'all'; seen: readonly string[]; missing: readonly string[] };
  identities: readonly IdentityEvidence[];
  /** Users and roles that may be edited, and those whose draft could be proved today without a blind spot. */
  provable: number;
  editable: number;
  /** 0..1 */
  share: number;
  /** What would raise the share, best first. */
  settings: readonly Setting[];
}

/** Judges the evidence of one account. */
export function coverageOf(input: CoverageInput): Coverage {
  const { account, accountId, log, logging, window, trail } = input;
  const days = windowDays(window.fromIso, window.toIso);
  const gaps = trail === undefined ? [] : gapsOf(trail, window);
  const principals = [...account.principals.values()].filter((each) => each.account === accountId);
  const unread = unreadRegions(account, accountId, trail);
  const identities = judgeAll(principals.filter(isEditable), input, { days, gaps, unread });
  const provable = identities.filter(({ standing }) => standing === 'provable').length;
  const missing = new Set(identities.flatMap(({ blockers }) => blockers.flatMap(servicesOf)));
  const unmapped = log.calls.filter(
    (call) => call.pairs.length === 0 && !call.service && call.count > 0 && isOf(call.principal, accountId),
  );
  return {
    accountId,
    window: { ...window, days },
    events: trail === undefined ? log.total : [...trail.days.values()].reduce((sum, each) => sum + each, 0),
    unmapped: {
      count: unmapped.reduce((sum, { count }) => sum + count, 0),
      names: [...new Set(unmapped.map(({ name }) => name))].slice(0, 10),
    },
    malformed: log.malformed,
    managementEvents: logging.management,
    gaps,
    regions: { read: [...(trail?.regions ?? [])].sort(), unread },
    dataEvents: {
      declared: logging.data,
      seen: [...(trail?.dataServices ?? [])].sort(),
      missing: [...missing].sort(),
    },
    identities,
    provable,
    editable: identities.length,
    share: identities.length === 0 ? 0 : provable / identities.length,
    settings: settingsFor(identities, days),
  };
}

function isOf(principal: string | undefined, accountId: string): boolean {
  return principal === undefined || principal.split(':')[4] === accountId;
}

function servicesOf(blocker: Blocker): readonly string[] {
  return blocker.kind === 'data-events' ? blocker.services : [];
}

// Global services write to one region, so that an account without regional resources misses none.
function unreadRegions(account: Account, accountId: string, trail: TrailFacts | undefined): string[] {
  if (trail === undefined) return [];
  const inUse = new Set<string>();
  for (const resource of account.resources.values()) {
    const region = resource.account === accountId ? (splitArn(resource.arn)?.[3] ?? '') : '';
    if (/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) inUse.add(region);
  }
  return [...inUse].filter((region) => !trail.regions.has(region)).sort();
}

interface Surroundings {
  days: number;
  gaps: readonly Gap[];
  unread: readonly string[];
}

function judgeAll(
  principals: readonly AccountPrincipal[],
  input: CoverageInput,
  around: Surroundings,
): IdentityEvidence[] {
  const grantsOf = openGrants();
  const sightOf = openSight(input.logging);
  const lastSeen = lastSeenOf(input.log);
  return principals.map((principal) => {
    const granted = grantsOf(principal);
    const { unseen, decidable } = sightOf(granted);
    const blockers = blockersOf(principal, { ...input, ...around, unseen, lastSeen });
    const blind = input.trail === undefined || !input.logging.management;
    return {
      arn: principal.arn,
      kind: principal.kind,
      standing: blind ? 'blind' : blockers.length === 0 ? 'provable' : 'partly',
      blockers,
      granted: granted.length,
      decidable,
    };
  });
}

function lastSeenOf(log: UsageLog): ReadonlyMap<string, string> {
  const last = new Map<string, string>();
  for (const { principal, lastIso } of log.calls) {
    if (principal === undefined || lastIso === undefined) continue;
    const key = principalKey(principal);
    if (lastIso > (last.get(key) ?? '')) last.set(key, lastIso);
  }
  return last;
}

interface Basis extends CoverageInput, Surroundings {
  unseen: readonly string[];
  lastSeen: ReadonlyMap<string, string>;
}

function blockersOf(principal: AccountPrincipal, basis: Basis): Blocker[] {
  const { logging, days, gaps, unread, unseen } = basis;
  // What is not logged may be what IAM saw.
  const contradicted = unseen.length > 0 ? undefined : contradictionOf(principal, basis);
  return [
    ...(logging.management ? [] : [{ kind: 'management-events' as const }]),
    ...(days < FULL_WINDOW_DAYS ? [{ kind: 'window' as const }] : []),
    ...(gaps.length > 0 ? [{ kind: 'gap' as const }] : []),
    ...(unseen.length > 0 ? [{ kind: 'data-events' as const, services: unseen }] : []),
    ...(unread.length > 0 ? [{ kind: 'region' as const, regions: unread }] : []),
    ...(contradicted === undefined ? [] : [{ kind: 'contradicted' as const, lastUsedDay: contradicted }]),
    ...(principal.unknownPolicies.length > 0
      ? [{ kind: 'unknown-policy' as const, count: principal.unknownPolicies.length }]
      : []),
  ];
}

const DAY_MS = 86_400_000;

/**
 * IAM's own last-used date lies in the window, and the log has nothing of the identity from the day before on: records
 * are missing. IAM's date may be hours old, hence the day.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
 */
function contradictionOf(
  { arn, lastUsedIso }: AccountPrincipal,
  { window, trail, lastSeen }: Basis,
): string | undefined {
  if (lastUsedIso === undefined || trail === undefined) return undefined;
  const used = Date.parse(lastUsedIso);
  if (Number.isNaN(used) || used < Date.parse(window.fromIso) || used > Date.parse(window.toIso))
    return undefined;
  const seen = Date.parse(lastSeen.get(principalKey(arn)) ?? '');
  return Number.isNaN(seen) || seen < used - DAY_MS ? lastUsedIso.slice(0, 10) : undefined;
}
