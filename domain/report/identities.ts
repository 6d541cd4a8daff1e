import type { AccountPrincipal } from '../graph/account.js';
import { unseenBecause } from '../usage/logging.js';
import { unusedEntitlements } from './entitlements.js';
import { type KnownUse, type Measure, type Measured, whatIfOf } from './measure.js';
import type { ReportAccount, ReportIdentity, ReportInput } from './model.js';
import { placeOf } from './scope.js';
import type { Place } from './workplace.js';

/** An identity, measured as it is and with every fix applied. */
export interface MeasuredIdentity {
  principal: AccountPrincipal;
  place: Place;
  before: Measure;
  after: Measure;
}

/** Measures every identity in scope, by ARN. `principalsAfter` is who is there with every fix applied. */
export function measureAll(
  places: readonly Place[],
  before: Measured,
  after: Measured,
  principalsAfter: ReadonlyMap<string, AccountPrincipal>,
): Map<string, MeasuredIdentity> {
  const measured = new Map<string, MeasuredIdentity>();
  for (const place of places) {
    for (const principal of place.identities) {
      const use = knownUse(place, principal.arn);
      const now = before.of(principal, use);
      const next = principalsAfter.get(principal.arn);
      measured.set(principal.arn, {
        principal,
        place,
        before: now,
        // A role that is deleted can do nothing.
        after: next === undefined ? nothingOf(now) : after.of(next, use),
      });
    }
  }
  return measured;
}

function knownUse({ observed, logging, useOf }: Place, arn: string): KnownUse {
  return {
    used: useOf(arn).actions,
    isSeen: (action) => observed && unseenBecause(action, logging) === undefined,
    observed,
  };
}

function nothingOf({ risk }: Measure): Measure {
  return {
    effective: [],
    overPermission: { index: 0, granted: 0, unused: 0, decidable: 0 },
    risk: { ...risk, value: 0, band: 'low' },
    administrator: false,
    openPaths: 0,
    stores: 0,
  };
}

/** What a report says about an identity. Without an outcome it was not asked about. */
export function identityOf(
  { principal, place, before, after }: MeasuredIdentity,
  outcome: ReportIdentity['outcome'] | undefined,
): ReportIdentity {
  const use = place.useOf(principal.arn);
  const { services, unseen } = place.observed
    ? unusedEntitlements(before.effective, use.actions, place.logging)
    : { services: [], unseen: before.effective.length };
  const last = [use.lastIso, principal.lastUsedIso]
    .filter((each) => each !== undefined)
    .sort()
    .at(-1);
  return {
    arn: principal.arn,
    name: principal.name,
    kind: principal.kind,
    account: principal.account,
    ...placeOf(principal.tags),
    administrator: before.administrator,
    risk: before.risk,
    riskAfter: after.risk,
    overPermission: before.overPermission ?? {
      index: null,
      granted: before.effective.length,
      decidable: 0,
      unused: 0,
    },
    effective: { before: before.effective.length, after: after.effective.length },
    unused: services,
    unseen,
    ...(last === undefined ? {} : { lastUsedIso: last }),
    calls: use.calls,
    openPaths: before.openPaths,
    stores: before.stores,
    evidence: place.evidenceOf(principal.arn)?.standing ?? 'blind',
    outcome: outcome ?? { reasonCode: 'not-asked', reason: 'It is not in the scope of this report.' },
  };
}

/** What a report says about an account. */
export function accountOf(
  input: ReportInput,
  place: Place,
  measured: readonly MeasuredIdentity[],
): ReportAccount {
  const own = measured.filter((each) => each.place === place);
  const whatIf = whatIfOf(own);
  const days = [...(input.trails.get(place.id)?.days ?? [])]
    .map(([day, records]) => ({ day, records }))
    .sort((a, b) => (a.day < b.day ? -1 : 1));
  return {
    id: place.id,
    identities: own.length,
    overPermission: whatIf.overPermission?.before ?? null,
    whatIf,
    coverage: place.coverage,
    days,
  };
}
