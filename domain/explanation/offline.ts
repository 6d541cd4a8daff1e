import type { Explanation } from '../lifecycle/context.js';
import { type ExplanationFacts, type ExplanationInput, factsOf } from './facts.js';
import { counted, dayOf, grouped, listed, sentences } from './words.js';

/** The four texts of an explanation, before anybody is named as their writer. */
export type ExplanationTexts = Pick<Explanation, 'summary' | 'whyItMatters' | 'whatChanges' | 'whatStays'>;

/** Explains a finding and its draft in plain words, from the engine's facts alone. No model is asked. */
export function offlineExplanation(input: ExplanationInput): Explanation {
  return { ...offlineTexts(factsOf(input)), by: 'offline', dropped: 0 };
}

/** The same from facts that were gathered already. */
export function offlineTexts(facts: ExplanationFacts): ExplanationTexts {
  return {
    summary: sentences(SUMMARY[facts.kind](facts), place(facts)),
    whyItMatters: sentences(WHY[facts.kind], dangers(facts), reach(facts), labels(facts)),
    whatChanges: whatChanges(facts),
    whatStays: whatStays(facts),
  };
}

type Teller = (facts: ExplanationFacts) => string;

/** What was found, one line for each kind of finding. */
const SUMMARY: Readonly<Record<ExplanationFacts['kind'], Teller>> = {
  'excessive-permissions': (facts) => `The ${subject(facts)} may do more than it does${unusedPart(facts)}.`,
  'unused-identity': (facts) => `Nobody uses the ${subject(facts)}${lastUse(facts)}.`,
  'unused-credential': (facts) =>
    `An access key of ${facts.subjectName}${facts.credentialId === undefined ? '' : ` (${facts.credentialId})`} is not used${lastUse(facts)}.`,
  'escalation-path': (facts) =>
    `The ${subject(facts)} can give itself more rights than it was given${techniques(facts)}.`,
  'external-access': (facts) => `Somebody outside the organisation can use the ${subject(facts)}.`,
  'toxic-combination': (facts) =>
    `The ${subject(facts)} combines weaknesses that are harmless alone${techniques(facts)}.`,
  'public-data': (facts) => `Anybody on the internet can reach the ${subject(facts)}.`,
  'over-shared-data': (facts) => `The ${subject(facts)} is shared with more principals than use it.`,
  'unencrypted-data': (facts) => `The ${subject(facts)} is not encrypted at rest.`,
  'unlogged-data': (facts) => `Access to the ${subject(facts)} is not logged.`,
  'misplaced-data': (facts) => `The ${subject(facts)} holds data that does not belong there.`,
  'unclassified-data': (facts) => `Nobody has said what kind of data the ${subject(facts)} holds.`,
  'stale-data': (facts) =>
    `The data in the ${subject(facts)} is kept although nobody uses it${lastUse(facts)}.`,
  other: (facts) => `The platform reports a weakness of the ${subject(facts)}.`,
};

/** Why such a finding is worth somebody's time. */
const WHY: Readonly<Record<ExplanationFacts['kind'], string>> = {
  'excessive-permissions': 'Rights that nobody uses help only whoever steals the identity.',
  'unused-identity': 'When an identity that nobody uses is stolen, nobody notices.',
  'unused-credential': 'A key that nobody uses works just as well for whoever finds it in an old file.',
  'escalation-path': 'Whoever controls it controls what it can reach, whatever its own policy says.',
  'external-access': 'What others do with it is outside our control and mostly outside our logs.',
  'toxic-combination': 'An attacker needs only one way in; together these make one.',
  'public-data': 'What is public can be copied by anybody, and a copy cannot be called back.',
  'over-shared-data': 'Every principal that may read it is one more that can lose it.',
  'unencrypted-data': 'Whoever gets at the storage or a copy of it reads it in the clear.',
  'unlogged-data': 'After an incident nobody could say what was read, or by whom.',
  'misplaced-data': 'It is protected as its place asks, not as its content needs.',
  'unclassified-data': 'It cannot be protected as it needs while nobody knows what it is.',
  'stale-data': 'It can still be lost, and is of use to nobody else.',
  other: 'The platform rates it as worth looking at.',
};

function subject({ subjectType, subjectName }: ExplanationFacts): string {
  return `${subjectType} ${subjectName}`;
}

function unusedPart({ removed, kept, window, grantedCount }: ExplanationFacts): string {
  const all = removed.length + kept.length;
  const during =
    window === undefined || window.days === 0
      ? ''
      : ` in the ${grouped(window.days)} days to ${dayOf(window.toIso)}`;
  if (all > 0)
    return `: of ${counted(all, 'action')} that it may call, ${grouped(removed.length)} were not needed${during}`;
  return grantedCount === undefined ? '' : `: the platform lists ${counted(grantedCount, 'permission')}`;
}

function lastUse({ lastUsedIso }: ExplanationFacts): string {
  return lastUsedIso === undefined ? '' : `; its last recorded use was on ${dayOf(lastUsedIso)}`;
}

function techniques({ paths }: ExplanationFacts): string {
  const names = [...new Set(paths.closed)];
  return names.length === 0 ? '' : ` (${listed(names, 3)})`;
}

function place({ account, accountName, environment, criticality }: ExplanationFacts): string {
  const where =
    account === undefined
      ? ''
      : `in account ${accountName === undefined ? account : `${accountName} (${account})`}`;
  const what = environment === 'unknown' ? '' : `${where === '' ? 'in' : ','} ${environment}`;
  const weight = criticality === undefined ? '' : `, a service of ${criticality} importance`;
  return where === '' && what === '' ? '' : `It is ${where}${what}${weight}.`;
}

function dangers({ dangers: found }: ExplanationFacts): string {
  const [worst] = found;
  if (worst === undefined) return '';
  const others = found.length - 1;
  return `With ${worst.action} its holder can ${worst.words}${others === 0 ? '' : `; ${counted(others, 'more unused action')} of that weight ${others === 1 ? 'goes' : 'go'} with it`}.`;
}

function reach({ paths }: ExplanationFacts): string {
  const { closed, stores } = paths;
  const first =
    closed.length === 0 ? '' : `It opens ${counted(closed.length, 'way', 'ways')} to higher rights.`;
  const second =
    stores.length === 0
      ? ''
      : `It reaches ${counted(stores.length, 'sensitive store')} without need: ${listed(stores, 3)}.`;
  return sentences(first, second);
}

function labels({ dataLabels, regulations }: ExplanationFacts): string {
  const data = dataLabels.length === 0 ? '' : `The data at stake is labelled ${listed(dataLabels, 4)}.`;
  const rules =
    regulations.length === 0
      ? ''
      : `${listed(regulations, 3)} ${regulations.length === 1 ? 'applies' : 'apply'}.`;
  return sentences(data, rules);
}

function whatChanges(facts: ExplanationFacts): string {
  const { noDraft, changes, removed, verdict, risk, paths } = facts;
  if (noDraft !== undefined) return `${NO_DRAFT[noDraft.kind]} ${noDraft.reason}`;
  if (changes.length === 0) return 'Nothing is changed.';
  const what = `${counted(changes.length, 'change')}: ${listed(changes, 3)}.`;
  const examples = [...facts.dangers.map(({ action }) => action), ...removed.map(({ action }) => action)];
  const actions =
    removed.length === 0
      ? ''
      : `${counted(removed.length, 'action')} ${removed.length === 1 ? 'is' : 'are'} removed, such as ${listed([...new Set(examples)].slice(0, 4), 4)}.`;
  const closed =
    paths.closed.length === 0
      ? ''
      : `${counted(paths.closed.length, 'way', 'ways')} to higher rights ${paths.closed.length === 1 ? 'closes' : 'close'}.`;
  const score =
    risk === undefined || risk.before === risk.after
      ? ''
      : `The risk score goes from ${risk.before} to ${risk.after}.`;
  return sentences(
    what,
    actions,
    closed,
    score,
    verdict === 'unproven' && 'The draft could not be proved, so it is shown and goes no further.',
  );
}

const NO_DRAFT: Readonly<Record<NonNullable<ExplanationFacts['noDraft']>['kind'], string>> = {
  'no-change': 'Nothing needs to change.',
  refused: 'Curtail proposes no change.',
  'never-touch': 'Nothing is changed, since this identity is never touched.',
};

function whatStays(facts: ExplanationFacts): string {
  const { kept, requests, usedHighRisk, verdict, blindSpots, workloads, changes, noDraft } = facts;
  if (changes.length === 0 || noDraft !== undefined) return 'Everything stays as it is.';
  const stays =
    kept.length === 0
      ? ''
      : `${counted(kept.length, 'action')} ${kept.length === 1 ? 'stays' : 'stay'}, such as ${listed(
          kept.slice(0, 3).map(({ action }) => action),
          3,
        )}.`;
  const risky =
    usedHighRisk.length === 0
      ? ''
      : `${listed(
          usedHighRisk.map(({ action }) => action),
          3,
        )} ${usedHighRisk.length === 1 ? 'is' : 'are'} powerful but in use, and ${usedHighRisk.length === 1 ? 'stays' : 'stay'}.`;
  const runs =
    workloads.length === 0
      ? ''
      : `${listed(workloads, 3)} ${workloads.length === 1 ? 'runs' : 'run'} with it.`;
  return sentences(stays, replayed(requests), risky, runs, proved(verdict), blind(blindSpots));
}

function replayed(requests: ExplanationFacts['requests']): string {
  if (requests === undefined || requests.total === 0) return '';
  const { total, newlyDenied } = requests;
  const of =
    requests.replayed === total
      ? `All ${counted(total, 'recorded request')}`
      : `${grouped(requests.replayed)} of ${counted(total, 'recorded request')}`;
  return `${of} were replayed against the new state; ${newlyDenied === 0 ? 'none would be denied' : `${grouped(newlyDenied)} would be denied`}.`;
}

function proved(verdict: ExplanationFacts['verdict']): string {
  return verdict === 'proved' || verdict === 'partial'
    ? 'It is proved that nothing is allowed that was not allowed before.'
    : '';
}

function blind(blindSpots: readonly string[]): string {
  if (blindSpots.length === 0) return '';
  return `The log could not show everything: ${counted(blindSpots.length, 'blind spot')} ${blindSpots.length === 1 ? 'is' : 'are'} listed with the proof.`;
}
