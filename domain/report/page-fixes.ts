import { CHANGE_FORMATS } from '../change/render.js';
import type { Json } from '../json.js';
import type { ActionReason, Proof } from '../proof/proof.js';
import { html, type SafeHtml } from '../text/html.js';
import type { Report, ReportFinding, ReportFix } from './model.js';
import { noFixWord } from './page-identities.js';
import { anchor, chip, count, list, number, openAll, shortName, type Tone } from './page-kit.js';

const MAX_SHOWN = 400;
const REASONS_SHOWN = 12;
const SUBJECTS_SHOWN = 12;
const MAX_DOCUMENT_CHARS = 20_000;

const VERDICTS: Readonly<Record<Proof['verdict'], readonly [word: string, tone: Tone]>> = {
  proved: ['proved', 'good'],
  partial: ['proved, with blind spots', 'accent'],
  unproven: ['not proved', 'warn'],
  restores: ['gives access back', 'warn'],
  broken: ['refuted', 'bad'],
};

/** Every fix with its proof and its files. */
export function fixesSection({ fixes }: Report): SafeHtml {
  return html`<section id="fixes"><h2>Fixes</h2><p class="soft">Nothing has been changed. Each fix lies ready in the folder beside this page, as policy JSON, Terraform, CloudFormation and commands, with its proof.</p>
${fixes.length === 0 ? html`<p class="card">There is nothing to fix in this scope.</p>` : html`<div><div class="filters" data-filter="fix-list"><label class="grow">Search<input type="search" name="text" placeholder="name, permission"></label><label>Proof<select name="verdict"><option value="">all</option><option value="proved">proved</option><option value="partial">with blind spots</option><option value="unproven">not proved</option></select></label>${openAll('fix-list')}</div><p class="count"></p><div id="fix-list">${fixes.slice(0, MAX_SHOWN).map(item)}</div>${fixes.length > MAX_SHOWN && html`<p class="soft small">${count(fixes.length - MAX_SHOWN, 'more fix', 'more fixes')} in report.json.</p>`}</div>`}</section>`;
}

function item(fix: ReportFix): SafeHtml {
  const { id, title, proof, subjects, risk, removed, confidence } = fix;
  const [word, tone] = VERDICTS[proof.verdict];
  const text = [title, ...subjects.slice(0, 100), ...removed.slice(0, 200).map(({ action }) => action)]
    .join(' ')
    .toLowerCase();
  return html`<details class="item" id="${anchor('fix', id)}" data-text="${text}" data-verdict="${proof.verdict}">
<summary class="fixed"><span><span class="name">${title}</span><span class="label">${subjects.length === 1 ? shortName(subjects[0] ?? '') : count(subjects.length, 'subject')} · ${fix.account}</span></span>
<span><span class="label">Risk</span>${risk.before} → ${risk.after}</span><span class="chips" style="margin:0">${chip(word, tone)}${chip(`confidence ${Math.round(confidence.value * 100)} %`, 'quiet')}${fix.leftOut === 'overlaps' && chip('overlaps', 'warn')}</span></summary>
<div class="body">${list(fix.sentences, 'plain')}
<div class="columns"><div><h3>Proof</h3>${proofWords(fix)}</div><div><h3>Removed</h3>${reasons(removed)}<h3>Kept</h3>${reasons(fix.kept)}</div></div>
${fix.usedHighRisk.length > 0 && html`<div class="callout tone-warn"><p><strong>Used and therefore kept, although it is high-risk.</strong></p>${list(fix.usedHighRisk.slice(0, 8).map(({ reason }) => reason))}</div>`}
${fix.next.length > 0 && html`<p class="small"><strong>Next:</strong> ${fix.next.join(' ')}</p>`}
${fix.leftOut === 'overlaps' && html`<p class="small">Another fix of this report changes the same thing, so this one is not part of the totals; draft again after the other is applied.</p>`}
${fix.changes.slice(0, 6).map(({ after, target }) => document(shortName(target.name ?? target.arn ?? target.principal ?? ''), after))}
<p class="small">Files: ${CHANGE_FORMATS.map((format, i) => html`${i > 0 && ' · '}<a href="${fix.folder}/${format}/">${format}</a>`)} · <a href="${fix.folder}/proof.json">proof.json</a> · <a href="${fix.folder}/change.json">change.json</a> · <a href="${fix.folder}/inputs/">inputs</a></p><p class="small soft">To check it without this page: <code>curtail proof verify ${fix.folder}/proof.json --inputs ${fix.folder}/inputs</code></p></div></details>`;
}

function proofWords({ proof, subjects }: ReportFix): SafeHtml {
  const passed = proof.noNewAccess.every(({ verdict }) => verdict === 'PASS');
  const { usage, paths } = proof;
  const lines: SafeHtml[] = [
    html`${passed ? chip('no new access', 'good') : chip('not decided', 'warn')} ${passed ? 'Whatever it allows afterwards was allowed before.' : 'That nothing new is allowed could not be decided.'}`,
  ];
  if (usage !== null)
    lines.push(
      html`${usage.newlyDenied.length === 0 ? chip('use preserved', 'good') : chip('use lost', 'bad')} ${number(usage.replayed)} recorded calls replayed, ${usage.newlyDenied.length} newly denied.`,
    );
  if (paths !== null && paths.closed.length > 0)
    lines.push(
      html`${chip(`${count(paths.closed.length, 'path')} closed`, 'good')} ${[...new Set(paths.closed.map(({ technique }) => technique))].slice(0, 6).join(', ')}`,
    );
  if (paths !== null && paths.storesNoLongerReachable.length > 0)
    lines.push(
      html`${chip('stores', 'good')} ${count(paths.storesNoLongerReachable.length, 'sensitive store')} no longer reachable.`,
    );
  for (const spot of proof.blindSpots.slice(0, 6)) lines.push(html`${chip('blind spot', 'quiet')} ${spot}`);
  for (const note of proof.workloads.slice(0, 4)) lines.push(html`${chip('workload', 'quiet')} ${note.note}`);
  return html`${list(lines)}${subjects.length > 1 && html`<p class="small soft">Serves ${subjects.slice(0, SUBJECTS_SHOWN).map(shortName).join(', ')}${subjects.length > SUBJECTS_SHOWN && ` and ${count(subjects.length - SUBJECTS_SHOWN, 'other')}`}.</p>`}`;
}

function reasons(given: readonly ActionReason[]): SafeHtml {
  if (given.length === 0) return html`<p class="small soft">Nothing.</p>`;
  const rows = given
    .slice(0, REASONS_SHOWN)
    .map(({ action, reason }) => html`<code>${action}</code> <span class="soft">${reason}</span>`);
  return html`${list(rows)}${given.length > REASONS_SHOWN && html`<p class="small soft">and ${number(given.length - REASONS_SHOWN)} more, in change.json.</p>`}`;
}

function document(name: string, after: Json): SafeHtml | false {
  if (after === null || typeof after !== 'object') return false;
  const text = JSON.stringify(after, null, 2);
  return html`<details><summary class="small">What ${name} is afterwards</summary><pre>${text.length > MAX_DOCUMENT_CHARS ? `${text.slice(0, MAX_DOCUMENT_CHARS)}\n… (whole in the folder)` : text}</pre></details>`;
}

/** Findings of the export, and what became of each. */
export function findingsSection(findings: readonly ReportFinding[]): SafeHtml | false {
  if (findings.length === 0) return false;
  return html`<section id="findings"><h2>Findings of the export</h2><div class="card scroll"><table class="stack"><thead><tr><th>Finding</th><th>Severity</th><th>Subject</th><th>Outcome</th></tr></thead><tbody>${findings.slice(0, MAX_SHOWN).map(({ title, severity, subject, outcome, source }) => html`<tr><td data-label="Finding">${title}<span class="label">${source}</span></td><td data-label="Severity">${chip(severity, severity === 'critical' || severity === 'high' ? 'bad' : severity === 'medium' ? 'warn' : 'quiet')}</td><td data-label="Subject" class="wrap">${shortName(subject)}</td><td data-label="Outcome">${'fix' in outcome ? html`<a href="#${anchor('fix', outcome.fix)}">fix ready</a>` : html`<span title="${outcome.reason}">${noFixWord(outcome.reasonCode)}</span>`}</td></tr>`)}</tbody></table></div></section>`;
}
