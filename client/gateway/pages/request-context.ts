import type { DraftRow } from '../../../activities/ledger/port.js';
import type { BusinessContext } from '../../../domain/lifecycle/context.js';
import type { RiskScore } from '../../../domain/proof/proof.js';
import { type HtmlValue, html, type SafeHtml } from '../../../domain/text/html.js';
import { bar, facts, listOr, section } from '../layout.js';
import { severityTone } from '../words.js';

/** The mark on everything that a model helped to write. */
export function generatedMark(llmSessionId: string, by?: string): SafeHtml {
  return html`<p class="ai"><strong>AI-generated guidance</strong>${by !== undefined && html`<span>by ${by}</span>`}<span>session <code>${llmSessionId}</code></span></p>`;
}

/** What the finding means and what the fix does, in plain words. */
export function explanationPart({ explanation }: DraftRow): SafeHtml {
  if (explanation === undefined) {
    return section(
      'explained',
      'What this is about',
      html`<p class="none">The explanation is still being written. The proof below is complete.</p>`,
    );
  }
  const { llmSessionId, by, dropped } = explanation;
  return section(
    'explained',
    'What this is about',
    html`${llmSessionId !== undefined && generatedMark(llmSessionId, by)}
<p>${explanation.summary}</p>
<h3>Why it matters</h3><p>${explanation.whyItMatters}</p>
<h3>What changes</h3><p>${explanation.whatChanges}</p>
<h3>What stays</h3><p>${explanation.whatStays}</p>
${dropped > 0 && html`<p class="small soft">${dropped === 1 ? 'One sentence' : `${dropped} sentences`} of the model contradicted the engine’s facts and ${dropped === 1 ? 'was' : 'were'} left out.</p>`}
${llmSessionId === undefined && html`<p class="small soft">Written from the engine’s results by templates; no model was asked.</p>`}`,
  );
}

/** Risk before and after, and how sure the draft is, with every part of each number. */
export function scorePart({ draft }: DraftRow): SafeHtml {
  const { riskBefore, riskAfter, confidence } = draft;
  const percent = Math.round(confidence.value * 100);
  const factors = [...riskBefore.parts, ...riskAfter.parts].map((part) => Math.abs(part.factor));
  const largest = Math.max(1, ...factors);
  return section(
    'scores',
    'Risk and confidence',
    html`<div class="twin">
<div><h3>Risk before</h3>${scoreView(riskBefore, largest)}</div>
<div><h3>Risk after</h3>${scoreView(riskAfter, largest)}</div>
<div><h3>Confidence in the draft</h3>
<p class="score">${percent}<small>of 100</small></p>
<ul class="parts">${confidence.parts.map((part) => partView(part.name, part.value, `${Math.round(part.value * 100)}`, part.why, part.value >= 0.7 ? 'good' : 'warn'))}</ul></div>
</div>
<p class="small soft">Scores are computed from these parts by fixed rules (${riskBefore.weightsVersion}); no model scores anything.</p>`,
  );
}

function scoreView(score: RiskScore, largest: number): SafeHtml {
  const tone = severityTone(score.band);
  return html`<p class="score">${Math.round(score.value)}<small>of 100, ${score.band}</small></p>
<ul class="parts">${score.parts.map((part) => partView(part.name, Math.abs(part.factor) / largest, factorText(part.factor), part.why, tone))}</ul>`;
}

function factorText(factor: number): string {
  return String(Math.round(factor * 100) / 100);
}

function partView(
  name: string,
  share: number,
  amount: string,
  why: string,
  tone: Parameters<typeof bar>[1],
): SafeHtml {
  return html`<li><div class="row"><b>${name}</b><span>${amount}</span></div>${bar(share, tone)}<span class="small soft">${why}</span></li>`;
}

/** What is known about the business behind it: every fact with its source. */
export function contextPart({ context }: DraftRow): SafeHtml {
  const backed: [string, HtmlValue][] = context.facts.map((fact) => [
    fact.label,
    html`${fact.value}<span class="source">${fact.source}</span>`,
  ]);
  return section(
    'context',
    'Business context',
    html`${facts([...ownRows(context), ...backed])}
${context.dataLabels.length > 0 && html`<h3>Data at stake</h3><div class="chips">${context.dataLabels.map((label) => html`<span class="chip tone-warn">${label}</span>`)}</div>`}
${
  context.regulations.length > 0 &&
  html`<h3>Regulations</h3>${listOr(
    context.regulations.map(
      (rule) => html`<strong>${rule.regulation}, ${rule.citation}</strong>: ${rule.text}`,
    ),
    '',
  )}`
}
${context.internalPolicies.length > 0 && html`<h3>Your own policies</h3>${listOr(context.internalPolicies, '')}`}`,
    'Only what a record backs is shown here; the line below each fact names the record.',
  );
}

function ownRows(context: BusinessContext): [string, HtmlValue][] {
  const { owner } = context;
  const rows: [string, string | undefined | null][] = [
    ['Account', [context.accountName, context.account].filter(Boolean).join(' · ')],
    ['Service', context.service],
    ['Business unit', [context.businessUnit, context.department].filter(Boolean).join(' · ')],
    ['Criticality', context.criticality],
    ['Managed by', context.managedBy && `${context.managedBy.tool} (${context.managedBy.evidence})`],
    ['Change freeze', context.freeze],
    ['Protected', context.neverTouch],
  ];
  const shown = rows.filter(([, value]) => value !== undefined && value !== null && value !== '');
  const asked = html`${owner.team ?? owner.personIds.join(', ')}<span class="source">${owner.how}${owner.inferred && ' (inferred from behaviour, not from a record)'}</span>`;
  return [['Owner', asked], ...shown];
}
