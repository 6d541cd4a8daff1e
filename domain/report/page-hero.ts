import { html, type SafeHtml } from '../text/html.js';
import type { Pair, Report } from './model.js';
import { chip, count, indexTone, list, meter, number, percent, reduction, shortName } from './page-kit.js';
import type { Move, Trend } from './trend.js';

/** The first screen: what a reader takes away, in one sentence and five figures. */
export function hero(report: Report): SafeHtml {
  const { window, scope, identities, accounts, fixes, trend, faults, lost } = report;
  const proved = fixes.filter(({ leftOut }) => leftOut !== 'not-proved').length;
  const chips = [
    ...(scope.team === undefined ? [] : [`team ${scope.team}`]),
    ...(scope.environment === undefined ? [] : [`environment ${scope.environment}`]),
  ];
  return html`<div class="hero"><h1>${headline(report)}</h1>
<p class="lead">${count(identities.length, 'identity', 'identities')} in ${count(accounts.length, 'account')}${isObserved(report) && `, observed from ${window.fromIso.slice(0, 10)} to ${window.toIso.slice(0, 10)} (${count(window.days, 'day')})`}. ${count(fixes.length, 'fix', 'fixes')} ready${fixes.length > 0 && `, ${proved === fixes.length ? 'all' : proved} of them proved to allow nothing new${isObserved(report) ? ' and to deny nothing that was seen in use' : ''}`}. Nothing has been changed.</p>
${chips.length > 0 && html`<div class="chips">${chips.map((text) => chip(text, 'accent'))}</div>`}${faults.length > 0 && html`<p class="small"><a href="#method">${count(faults.length, 'file or part of one', 'files or parts of them')} could not be read.</a></p>`}
${lost.length > 0 && lostCallout(lost)}${tiles(report)}</div>${trend !== undefined && trendSection(trend)}`;
}

function lostCallout(lost: Report['lost']): SafeHtml {
  const calls = lost
    .slice(0, 5)
    .map(
      ({ principal, action, resource }) =>
        html`${shortName(principal)}: <code>${action}</code>${resource !== undefined && html` on <code>${resource}</code>`}`,
    );
  return html`<div class="callout tone-warn"><p><strong>Each fix is safe by itself; all of them together would deny ${count(lost.length, 'recorded call')}.</strong> Apply them one after the other, and analyse again in between.</p>${list(calls)}</div>`;
}

function isObserved({ accounts }: Report): boolean {
  return accounts.some(({ coverage }) => coverage.identities.some(({ standing }) => standing !== 'blind'));
}

function headline(report: Report): string {
  const { effective, openPaths } = report.whatIf;
  if (effective.before === 0) return 'Nothing is granted here';
  const share = Math.round((100 * (effective.before - effective.after)) / effective.before);
  const closed = openPaths.before - openPaths.after;
  if (!isObserved(report)) {
    return closed > 0
      ? `${closed} of ${count(openPaths.before, 'escalation path')} can be closed; what is unused, only a trail can say`
      : 'Without a trail nobody can say what is unused';
  }
  if (share > 0)
    return report.lost.length > 0
      ? `${share} % of the permissions can go`
      : `${share} % of the permissions can go, and nothing that was seen in use is lost`;
  return closed > 0
    ? `${closed} of ${count(openPaths.before, 'escalation path')} can be closed without losing what is used`
    : 'No permission was found that could go';
}

function tiles({ whatIf, accounts }: Report): SafeHtml {
  const provable = accounts.reduce((sum, { coverage }) => sum + coverage.provable, 0);
  const editable = accounts.reduce((sum, { coverage }) => sum + coverage.editable, 0);
  const share = editable === 0 ? 0 : provable / editable;
  const { overPermission: index, effective, highRisk, openPaths, administrators, reach } = whatIf;
  return html`<div class="tiles">
${
  index === null
    ? tile('Over-permission index', unknown(), html`<p>Only a log can say what is used.</p>`)
    : tile(
        'Over-permission index',
        figure(index),
        html`${meter(index.before / 100, indexTone(index.before), index.after / 100)}<p>0: just what is used. 100: nothing is used.</p>`,
      )
}
${tile('Effective permissions', figure(effective), html`${meter(1, 'bad', effective.before === 0 ? 0 : effective.after / effective.before)}<p>${reduction(effective)}; high-risk ${number(highRisk.before)} → ${number(highRisk.after)}.</p>`)}
${tile('Open escalation paths', figure(openPaths), html`<p>Administrators: ${administrators.before} → ${administrators.after}.</p>`)}
${tile('Ways to sensitive stores', figure(reach), html`<p>Pairs of an identity and a store that it comes to.</p>`)}
${tile('Provable today', html`<span class="figure">${percent(share)}</span><span class="then soft">of identities</span>`, html`${meter(share, 'accent')}<p>${provable} of ${editable} without a blind spot.</p>`)}
</div>`;
}

function tile(title: string, value: SafeHtml, more: SafeHtml): SafeHtml {
  return html`<div class="tile"><h3>${title}</h3>${value}${more}</div>`;
}

function figure({ before, after }: Pair): SafeHtml {
  return html`<span class="figure">${number(before)}</span><span class="then">${after === before ? html`<span class="soft">unchanged by the fixes</span>` : html`→ <strong>${number(after)}</strong> with every fix`}</span>`;
}

function unknown(): SafeHtml {
  return html`<span class="figure soft">–</span><span class="then soft">not known</span>`;
}

const MOVES_SHOWN = 8;

function trendSection({
  sinceIso,
  overPermission,
  effective,
  openPaths,
  provable,
  worse,
  better,
  appeared,
  gone,
}: Trend): SafeHtml {
  const facts: (readonly [string, Pair])[] = [
    ...(overPermission === null ? [] : [['Over-permission index', overPermission] as const]),
    ['Effective permissions', effective],
    ['Open escalation paths', openPaths],
    ['Provable identities', provable],
  ];
  return html`<section id="trend"><h2>Since ${sinceIso.slice(0, 10)}</h2><div class="card"><div class="columns"><div>${list(facts.map(([name, { before, after }]) => html`${name} <strong>${number(before)} → ${number(after)}</strong>`))}<p class="small soft">${count(appeared.length, 'identity', 'identities')} came, ${number(gone.length)} went.</p></div><div>${moves('Worse', worse)}${moves('Better', better)}${worse.length + better.length === 0 && html`<p class="small soft">No identity’s index moved by 5 or more.</p>`}</div></div></div></section>`;
}

function moves(title: string, given: readonly Move[]): SafeHtml | false {
  if (given.length === 0) return false;
  const rows = given
    .slice(0, MOVES_SHOWN)
    .map(({ of, before, after }) => html`${shortName(of)} <strong>${before} → ${after}</strong>`);
  return html`<h3>${title}</h3>${list(rows)}${given.length > MOVES_SHOWN && html`<p class="small soft">and ${count(given.length - MOVES_SHOWN, 'other')}.</p>`}`;
}

/** The accounts side by side; nothing when there is but one. */
export function accountsSection({ accounts }: Report): SafeHtml | false {
  if (accounts.length < 2) return false;
  const cell = (name: string, pair: Pair | null): SafeHtml =>
    html`<td class="number" data-label="${name}">${pair === null ? '–' : `${number(pair.before)} → ${number(pair.after)}`}</td>`;
  const rows = accounts.map(
    ({ id, identities, whatIf }) =>
      html`<tr><td data-label="Account">${id}</td><td class="number" data-label="Identities">${number(identities)}</td>${cell('Over-permission', whatIf.overPermission)}${cell('Effective permissions', whatIf.effective)}${cell('High-risk', whatIf.highRisk)}${cell('Open paths', whatIf.openPaths)}${cell('Ways to stores', whatIf.reach)}</tr>`,
  );
  return html`<section id="accounts"><h2>Accounts, now and with every fix</h2><div class="card scroll"><table class="stack"><thead><tr><th>Account</th><th class="number">Identities</th><th class="number">Over-permission</th><th class="number">Effective permissions</th><th class="number">High-risk</th><th class="number">Open paths</th><th class="number">Ways to stores</th></tr></thead><tbody>${rows}</tbody></table></div></section>`;
}
