import type { Finding } from '../finding/finding.js';
import { type AccountInput, type AccountPrincipal, parseAccount } from '../graph/account.js';
import type { PathAnswer } from '../graph/paths.js';
import { CATALOGUE_VERSION } from '../iam/catalogue.js';
import { ENGINE_VERSION } from '../proof/engine.js';
import { windowDays } from '../usage/seasonality.js';
import { draftForPolicy } from './draft-policy.js';
import { type Drafting, draftForFinding, draftForIdentity, draftForPaths } from './drafting.js';
import { type FixList, openFixList } from './fixes.js';
import { accountOf, identityOf, measureAll } from './identities.js';
import { measure, whatIfOf } from './measure.js';
import type { Report, ReportFinding, ReportFix, ReportIdentity, ReportInput } from './model.js';
import { groupPaths } from './paths.js';
import { isInScope } from './scope.js';
import { openSlices } from './slice.js';
import { lostTogether } from './together.js';
import { trendOf } from './trend.js';
import { openPlaces, type Place } from './workplace.js';

/** How far a report is. */
export interface ReportProgress {
  step: string;
  done: number;
  total: number;
}

/** The formula of the index, as the report prints it. */
export const FORMULA =
  'index of an identity = 100 × Σ weight(a) over permissions that it can use and did not ÷ Σ weight(a) over all that it can use, among those whose use the log would show; weights by access level: permissions management 5, write 3, read 2, tagging 1, list 1. Index of an account or of the organisation = mean over its identities that have one.';

/** Most findings that are drafted for; the others are listed without a fix. */
const MAX_FINDINGS = 2_000;

/**
 * Computes a report, yielding after each piece of work so that the caller can say how far it is.
 * @throws PolicyError when an account is malformed
 */
export function* buildReport(input: ReportInput): Generator<ReportProgress, Report> {
  yield { step: 'reading accounts', done: 0, total: 1 };
  const places = openPlaces(input);
  const whole: AccountInput = { accounts: input.accounts.map((each) => each.input) };
  const list = openFixList(whole, input.digest);
  yield { step: 'searching escalation paths', done: 0, total: 1 };
  const accountsBefore = parseAccount(whole);
  const before = measure(accountsBefore);
  const outcomes = yield* draftAll(input, places, list, before.paths);
  const findings = yield* draftFindings(input, places, list);
  yield { step: 'measuring the accounts with every fix applied', done: 0, total: 1 };
  const accountsAfter = parseAccount(list.accountsAfter());
  const after = measure(accountsAfter);
  const lost = lostTogether(accountsBefore, accountsAfter, input);
  const measured = measureAll(places, before, after, accountsAfter.principals);
  const identities = [...measured]
    .map(([arn, each]) => identityOf(each, outcomes.get(arn)))
    .sort((a, b) => b.risk.value - a.risk.value || b.effective.before - a.effective.before);
  const whatIf = whatIfOf([...measured.values()]);
  const accounts = places.map((place) => accountOf(input, place, [...measured.values()]));
  const { earlier } = input;
  return {
    format: 'curtail-report/1',
    generatedIso: input.generatedIso,
    engine: ENGINE_VERSION,
    catalogue: CATALOGUE_VERSION,
    scope: input.scope,
    window: { ...input.window, days: windowDays(input.window.fromIso, input.window.toIso) },
    formula: FORMULA,
    overPermission: whatIf.overPermission?.before ?? null,
    whatIf,
    lost,
    ...(earlier === undefined ? {} : { trend: trendOf(earlier, { whatIf, accounts, identities }) }),
    accounts,
    identities,
    paths: groupPaths(before.paths, after.paths, new Set(measured.keys())),
    // Those that take most risk away come first.
    fixes: list.fixes().sort((a, b) => gainOf(b) - gainOf(a)),
    findings,
    notes: input.notes,
    faults: input.faults,
  };
}

function gainOf({ risk, removed }: ReportFix): number {
  return risk.before - risk.after + removed.length / 1e6;
}

type Outcome = ReportIdentity['outcome'];

function* draftAll(
  input: ReportInput,
  places: readonly Place[],
  list: FixList,
  paths: PathAnswer,
): Generator<ReportProgress, Map<string, Outcome>> {
  const total = places.reduce((sum, { identities }) => sum + identities.length, 0);
  const outcomes = new Map<string, Outcome>();
  const open = new Set(paths.escalations.filter(({ status }) => status === 'open').map(({ from }) => from));
  for (const place of places) {
    const sliceOf = openSlices({ ...place, paths });
    const wide = yield* draftWide(input, place, list);
    for (const principal of place.identities) {
      const drafting = draftForIdentity(input, place, principal, sliceOf);
      const own = taken(list, drafting, principal);
      const shared = principal.documents.flatMap(({ arn }) => wide.fixes.get(arn ?? '') ?? []);
      outcomes.set(principal.arn, 'fix' in own ? own : (shared[0] ?? own));
      const closed = drafting.kind === 'draft' ? (drafting.draft.proof.paths?.closed.length ?? 0) : 0;
      // What right-sizing leaves open, since the log cannot show it or nobody gave one, is broken on its own.
      if (open.has(principal.arn) && closed === 0 && !wide.closes.has(principal.arn)) {
        const broken = taken(list, draftForPaths(input, place, principal, sliceOf), principal);
        if ('fix' in broken && drafting.kind !== 'draft') outcomes.set(principal.arn, broken);
      }
      yield { step: 'drafting and proving fixes', done: outcomes.size, total };
    }
  }
  return outcomes;
}

/** Policies that many hold are decided once each: fixes by ARN, and from whom they close a path. */
function* draftWide(
  input: ReportInput,
  place: Place,
  list: FixList,
): Generator<ReportProgress, { fixes: Map<string, { fix: string }>; closes: Set<string> }> {
  const fixes = new Map<string, { fix: string }>();
  const closes = new Set<string>();
  let done = 0;
  for (const [arn, holders] of place.wide) {
    const drafting = draftForPolicy(input, place, arn);
    done += 1;
    const [subject = arn, ...also] = holders;
    if (drafting.kind === 'draft') {
      const title = `Reduce ${place.account.policies.get(arn)?.name ?? arn}, held by ${holders.length}`;
      const { draft, inputs } = drafting;
      for (const { from } of draft.proof.paths?.closed ?? []) closes.add(from);
      fixes.set(arn, { fix: list.add({ subject, also, title, account: place.id, draft, inputs }) });
    }
    yield { step: 'drafting fixes of policies that many hold', done, total: place.wide.size };
  }
  return { fixes, closes };
}

function taken(list: FixList, drafting: Drafting, { arn, name, account }: AccountPrincipal): Outcome {
  if (drafting.kind !== 'draft') return { reasonCode: drafting.reasonCode, reason: drafting.reason };
  const title = drafting.draft.changes.some(({ kind }) => kind === 'role')
    ? `Disable ${name}`
    : `Reduce ${name}`;
  const { draft, inputs } = drafting;
  return { fix: list.add({ subject: arn, title, account, draft, inputs }) };
}

function* draftFindings(
  input: ReportInput,
  places: readonly Place[],
  list: FixList,
): Generator<ReportProgress, ReportFinding[]> {
  const findings: ReportFinding[] = [];
  for (const finding of input.findings) {
    const place = places.find(
      ({ id, account }) => id === finding.account || account.resources.has(finding.subject.id),
    );
    if (place === undefined || !isAskedAbout(place, finding, input)) continue;
    const { source, sourceId, title, kind, severity, subject } = finding;
    const drafting: Drafting =
      findings.length < MAX_FINDINGS
        ? draftForFinding(input, place, finding)
        : {
            kind: 'refused',
            reasonCode: 'not-drafted',
            reason: `More than ${MAX_FINDINGS} findings; narrow them by team or environment.`,
          };
    const outcome =
      drafting.kind === 'draft'
        ? { fix: list.add({ subject: subject.id, title, account: place.id, ...drafting }) }
        : { reasonCode: drafting.reasonCode, reason: drafting.reason };
    findings.push({ source, sourceId, title, kind, severity, subject: subject.id, outcome });
    yield { step: 'drafting fixes for findings', done: findings.length, total: input.findings.length };
  }
  return findings;
}

function isAskedAbout({ account }: Place, { subject, tags }: Finding, { scope }: ReportInput): boolean {
  const own = account.principals.get(subject.id)?.tags ?? account.resources.get(subject.id)?.tags;
  return isInScope(own ?? new Map(Object.entries(tags)), scope);
}
