import { html, type SafeHtml } from '../text/html.js';
import type { Report, ReportIdentity } from './model.js';
import {
  anchor,
  bandTone,
  chip,
  count,
  indexTone,
  list,
  meter,
  number,
  openAll,
  percent,
  type Tone,
} from './page-kit.js';

/** More would make the page slow to open; report.json has all of them. */
const MAX_SHOWN = 400;

/** Identities, riskiest first, each with what its score is made of, what it does not use, and its fix. */
export function identitiesSection({ identities }: Report): SafeHtml {
  const choices = (of: (each: ReportIdentity) => string | undefined): string[] =>
    [...new Set(identities.map(of).filter((each) => each !== undefined))].sort();
  return html`<section id="identities"><h2>Identities by risk</h2><p class="soft">Open one for the parts of its score, what it does not use, and its fix.</p><div>
<div class="filters" data-filter="identity-list"><label class="grow">Search<input type="search" name="text" placeholder="name, service, permission"></label>
${select(
  'Account',
  'account',
  choices(({ account }) => account),
)}${select(
  'Team',
  'team',
  choices(({ team }) => team),
)}${select(
  'Environment',
  'environment',
  choices(({ environment }) => environment),
)}${select('Risk', 'band', ['critical', 'high', 'medium', 'low'])}${select('Fix', 'fix', ['ready', 'none'])}${openAll('identity-list')}</div>
<p class="count"></p><div id="identity-list">${identities.slice(0, MAX_SHOWN).map(item)}</div>
${identities.length > MAX_SHOWN && html`<p class="soft small">${count(identities.length - MAX_SHOWN, 'more identity', 'more identities')} in report.json.</p>`}</div></section>`;
}

function select(label: string, name: string, values: readonly string[]): SafeHtml | false {
  if (values.length < 2) return false;
  return html`<label>${label}<select name="${name}"><option value="">all</option>${values.map((value) => html`<option value="${value.toLowerCase()}">${value}</option>`)}</select></label>`;
}

function item(identity: ReportIdentity): SafeHtml {
  const { arn, name, kind, account, risk, overPermission, effective, outcome } = identity;
  const ready = 'fix' in outcome;
  return html`<details class="item" id="${anchor('identity', arn)}" data-text="${searchText(identity)}" data-account="${account}" data-team="${(identity.team ?? '').toLowerCase()}" data-environment="${identity.environment ?? ''}" data-band="${risk.band}" data-fix="${ready ? 'ready' : 'none'}">
<summary class="who"><span class="score tone-${bandTone(risk.band)}" title="Risk ${risk.value} of 100, ${risk.band}">${risk.value}</span>
<span><span class="name">${name}</span><span class="label">${kind} · ${account}${identity.environment !== undefined && ` · ${identity.environment}`}${identity.team !== undefined && ` · ${identity.team}`}</span></span>
${indexBar(overPermission.index)}
<span><span class="label">Permissions</span>${number(effective.before)} → ${number(effective.after)}</span>
<span class="chips" style="margin:0">${identity.administrator && chip('administrator', 'bad')}${identity.openPaths > 0 && chip(count(identity.openPaths, 'path'), 'bad')}${ready ? chip('fix ready', 'good') : chip(noFixWord(outcome.reasonCode), 'quiet')}</span></summary>
<div class="body"><div class="columns"><div><h3>Risk ${risk.value}${risk.value !== identity.riskAfter.value && html` <span class="soft">→ ${identity.riskAfter.value} with the fixes</span>`}</h3><ul class="parts">${risk.parts.map(part)}</ul></div>
<div><h3>Not used</h3>${unusedWords(identity)}</div></div>
${outcomeWords(identity)}<p class="small soft wrap">${arn}</p></div></details>`;
}

function indexBar(index: number | null): SafeHtml {
  return index === null
    ? html`<span><span class="label">Over-permission</span>not known</span>`
    : html`<span><span class="label">Over-permission ${index}</span>${meter(index / 100, indexTone(index))}</span>`;
}

function searchText({ arn, unused, team, environment }: ReportIdentity): string {
  return [
    arn,
    team ?? '',
    environment ?? '',
    ...unused.flatMap(({ service, highRisk }) => [service, ...highRisk]),
  ]
    .join(' ')
    .toLowerCase()
    .slice(0, 4000);
}

function part({ name, factor, why }: ReportIdentity['risk']['parts'][number]): SafeHtml {
  const tone: Tone = factor >= 0.75 ? 'bad' : factor >= 0.45 ? 'warn' : 'good';
  return html`<li><span>${name}</span>${meter(factor, tone)}<span class="soft">${why}</span></li>`;
}

const SERVICES_SHOWN = 8;

function unusedWords({ unused, unseen, overPermission, lastUsedIso, calls }: ReportIdentity): SafeHtml {
  const used = calls > 0 ? `${count(calls, 'call')} in the window` : 'No call in the window';
  const last = lastUsedIso === undefined ? '' : `, last use on ${lastUsedIso.slice(0, 10)}`;
  const rows = unused
    .slice(0, SERVICES_SHOWN)
    .map(
      (each) =>
        html`<strong>${each.service}</strong> ${each.unused === each.granted ? `all ${number(each.granted)}` : `${number(each.unused)} of ${number(each.granted)}`}${each.highRisk.length > 0 && html` <span class="soft">· among them ${each.highRisk.slice(0, 3).join(', ')}${each.highRisk.length > 3 && ` and ${each.highRisk.length - 3} more`}</span>`}`,
    );
  const rest = unused.length - SERVICES_SHOWN;
  return html`<p class="small soft">${used}${last}. ${overPermission.decidable > 0 && `${number(overPermission.unused)} of ${count(overPermission.decidable, 'permission')} not seen in use (${percent(overPermission.unused / overPermission.decidable)}). `}${unseen > 0 && `Of ${number(unseen)} more no log could show it.`}</p>${list(rows)}${rest > 0 && html`<p class="small soft">and ${count(rest, 'more service')}.</p>`}`;
}

function outcomeWords({ outcome, arn }: ReportIdentity): SafeHtml {
  if ('fix' in outcome)
    return html`<p>${chip('fix ready', 'good')} <a href="#${anchor('fix', outcome.fix)}">Show the fix and its proof</a></p>`;
  return html`<p title="${arn}">${chip(noFixWord(outcome.reasonCode), 'quiet')} <span class="small">${outcome.reason}</span></p>`;
}

const NO_FIX: ReadonlyMap<string, string> = new Map([
  ['nothing-to-remove', 'nothing to remove'],
  ['never-touch', 'left alone'],
  ['no-evidence', 'no log'],
  ['log-cannot-show', 'log too thin'],
  ['sso-reserved', 'managed by SSO'],
  ['already-fixed', 'already fixed'],
]);

/** Why there is no fix, in two or three words. */
export function noFixWord(reasonCode: string): string {
  return NO_FIX.get(reasonCode) ?? reasonCode.replaceAll('-', ' ');
}
