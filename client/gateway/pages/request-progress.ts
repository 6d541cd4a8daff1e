import type { Outcome, Stage } from '../../../domain/lifecycle/stage.js';
import { html, type SafeHtml } from '../../../domain/text/html.js';
import type { Visit } from '../kit.js';
import { chip, listOr, section } from '../layout.js';
import {
  CHANGE_WORDS,
  localTime,
  OUTCOME_WORDS,
  REQUEST_WORDS,
  STAGE_WORDS,
  severityTone,
} from '../words.js';
import { generatedMark } from './request-context.js';
import { isMoving, type RequestModel } from './request-model.js';
import { undoPart } from './undo.js';

type StepState = 'done' | 'current' | 'failed' | 'ahead';
const SPOKEN: Readonly<Record<StepState, string>> = {
  done: 'done',
  current: 'under way',
  failed: 'failed',
  ahead: 'to come',
};

/** What became of the decision: the steps, the words, and where to look. */
export async function progressPart(visit: Visit, model: RequestModel): Promise<SafeHtml> {
  const { row, change, findings, successor } = model;
  const lead = findings[0];
  const undo = change !== undefined && lead !== undefined && (await undoPart(visit, lead.key, change));
  return section(
    'progress',
    REQUEST_WORDS[row.status].text,
    html`${(row.status === 'approved' || change !== undefined) && stepper(model)}
<ul class="plain">
${row.decisions.map((decision) => html`<li><strong>${nameOf(model, decision.personId)}</strong> ${DECIDED[decision.verdict]} <span class="soft">${localTime(decision.issuedAtMs, visit.person)}</span>${decision.reason !== undefined && html`<br>“${decision.reason}”`}${decision.keepActions !== undefined && html`<br>keeps <code>${decision.keepActions.join(', ')}</code>`}</li>`)}
${change !== undefined && html`<li>${chip(CHANGE_WORDS[change.status])} ${change.note}${change.reference !== undefined && html` <span class="soft">${change.reference.ref}</span>`}</li>`}
${lead !== undefined && html`<li>Finding: ${lead.outcome === undefined ? chip(STAGE_WORDS[lead.stage]) : chip(OUTCOME_WORDS[lead.outcome])} ${lead.note}</li>`}
${row.note !== undefined && html`<li>${row.note}</li>`}
</ul>
${undo}
${successor !== undefined && html`<p><a class="button" href="/requests/${encodeURIComponent(successor.request.id)}">Open the request that followed</a></p>`}
${isMoving(model) && html`<p class="small soft" role="status">This page follows along by itself.</p>`}`,
  );
}

const DECIDED = { approve: 'approved', reject: 'rejected', edit: 'edited' } as const;

/** A person's name where the directory knows it. */
export function nameOf(model: Pick<RequestModel, 'names'>, id: string): string {
  return model.names.get(id) ?? id;
}

function stepper(model: RequestModel): SafeHtml {
  const steps = stepsOf(model);
  return html`<ol class="steps" aria-label="Progress">${steps.map(([text, state]) => html`<li class="${state}"${state === 'current' && html` aria-current="step"`}>${text}<span class="unseen"> (${SPOKEN[state]})</span></li>`)}</ol>`;
}

const APPLYING: readonly Stage[] = ['remediating', 'awaiting-merge', 'awaiting-ticket'];
const FIXED: readonly Outcome[] = ['verified', 'auto-remediated'];
const FAILED: readonly Outcome[] = ['rolled-back', 'stopped', 'cancelled', 'deferred', 'fixed-still-open'];

function stepsOf({ findings, change }: RequestModel): readonly (readonly [string, StepState])[] {
  const lead = findings[0];
  const status = change?.status;
  const failed =
    status === 'refused' ||
    status === 'failed' ||
    status === 'rolled-back' ||
    (lead?.outcome !== undefined && FAILED.includes(lead.outcome));
  const verified = status === 'verified' || (lead?.outcome !== undefined && FIXED.includes(lead.outcome));
  const applied = verified || status === 'applied' || status === 'failed' || lead?.stage === 'verifying';
  const applying =
    !applied &&
    (status === 'applying' ||
      status === 'handed-over' ||
      (lead !== undefined && APPLYING.includes(lead.stage)));
  const rest: StepState = failed ? 'failed' : 'ahead';
  return [
    ['Detected', 'done'],
    ['Proved', 'done'],
    ['Approved', 'done'],
    ['Applied', applied ? 'done' : applying ? 'current' : rest],
    ['Verified', verified ? 'done' : applied && !failed ? 'current' : rest],
  ];
}

/** Questions so far, with their recorded answers, and room for another. */
export function questionsPart(visit: Visit, model: RequestModel): SafeHtml {
  const { row, questions } = model;
  return section(
    'questions',
    'Questions',
    html`${questions.length > 0 && html`<ul class="plain">${questions.map((each) => html`<li><strong>${nameOf(model, each.by)}</strong> <span class="soft small">${localTime(each.atMs, visit.person)}</span><p>${each.question}</p>${each.llmSessionId !== undefined && generatedMark(each.llmSessionId)}<p>${each.answer}</p></li>`)}</ul>`}
<form method="post" action="/requests/${encodeURIComponent(row.request.id)}/questions">
<input type="hidden" name="csrf" value="${visit.session.csrf}">
<label for="question">Ask about this draft</label>
<textarea id="question" name="question" maxlength="1000" required></textarea>
<p class="hint">Answered from the facts on this page. Question and answer go on record; an answer never changes the draft.</p>
<button type="submit">Ask</button>
</form>`,
  );
}

/** The findings that the one decision settles. */
export function findingsPart({ row, findings }: RequestModel): SafeHtml | false {
  if (findings.length === 0) return false;
  const hidden = row.findingKeys.length - findings.length;
  const items = findings.map(
    (each) =>
      html`<a href="/findings/${each.key}">${each.finding.title}</a> ${chip({ text: each.finding.severity, tone: severityTone(each.finding.severity) })}<span class="source">${each.finding.source} · ${each.finding.subject.name} · ${each.finding.account ?? 'no account'}</span>`,
  );
  return section(
    'findings',
    'Findings that this settles',
    html`${listOr(items, '')}${hidden > 0 && html`<p class="soft">and ${hidden} more</p>`}`,
  );
}
