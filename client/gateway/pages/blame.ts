import type { FastifyInstance } from 'fastify';
import type { BlamedChange, BlameReport } from '../../../activities/lifecycle/blame.js';
import { type Denial, MAX_BLAME_LENGTH } from '../../../domain/blame/denial.js';
import type { Blamed } from '../../../domain/blame/verdict.js';
import { type HtmlValue, html, type SafeHtml } from '../../../domain/text/html.js';
import { undoOffer } from '../blame-offer.js';
import { type Gateway, getPage, show, type Visit } from '../kit.js';
import { chip, facts, listOr, section } from '../layout.js';
import { CHANGE_WORDS, count, localTime, type Wording } from '../words.js';
import { seesFinding } from './findings.js';
import { undoPart } from './undo.js';

const VERDICT_WORDS: Readonly<Record<Blamed['verdict'], Wording>> = {
  yes: { text: 'Yes', tone: 'bad' },
  no: { text: 'No', tone: 'good' },
  unknown: { text: 'Can’t tell', tone: 'warn' },
};
const VERDICT_LEADS: Readonly<Record<Blamed['verdict'], string>> = {
  yes: 'Yes, Curtail’s change caused this:',
  no: 'No, Curtail’s changes did not cause this:',
  unknown: 'Can’t tell, because',
};
const POLICY_WORDS: Readonly<Record<NonNullable<Denial['by']>, string>> = {
  identity: 'an identity-based policy',
  resource: 'a resource-based policy',
  trust: 'the role’s trust policy',
  boundary: 'a permissions boundary',
  session: 'a session policy',
  endpoint: 'a VPC endpoint policy',
  scp: 'a service control policy',
  rcp: 'a resource control policy',
};

/** For whoever is woken by a denial: what Curtail changed there, who approved it, whether it is to blame, and the undo. */
export function registerBlamePage(app: FastifyInstance, gateway: Gateway): void {
  getPage(app, gateway, '/blame', async (visit) => {
    const about = new URL(visit.request.url, 'http://gateway').searchParams.get('about')?.trim() ?? '';
    const found = about === '' ? undefined : await seenReport(visit, await gateway.blame(about));
    const body = html`<div class="page-head"><h1>Access denied?</h1><p>Paste the message, or an ARN. The answer says what Curtail changed there, who approved it, whether that caused the denial, and how to have it undone.</p></div>
${question(about)}
${found !== undefined && (await answer(visit, found))}`;
    return show(visit, { title: 'Access denied?', section: 'blame', body });
  });
}

interface Seen {
  report: BlameReport;
  /** Changes for findings that are not this person's to see. */
  hidden: number;
}

async function seenReport({ gateway, person }: Visit, report: BlameReport): Promise<Seen> {
  const changes: BlamedChange[] = [];
  for (const change of report.changes)
    if (await seesFinding(gateway, person, change.findingKey)) changes.push(change);
  return { report: { ...report, changes }, hidden: report.changes.length - changes.length };
}

function question(about: string): SafeHtml {
  return html`<form class="card" method="get" action="/blame" role="search">
<label for="about">Message of AWS, or ARN of a role, user or resource</label>
<textarea id="about" name="about" rows="4" maxlength="${MAX_BLAME_LENGTH}" required spellcheck="false" aria-describedby="about-hint">${about.slice(0, MAX_BLAME_LENGTH)}</textarea>
<p class="hint" id="about-hint">For example: User: arn:aws:sts::…:assumed-role/… is not authorized to perform: s3:GetObject on resource: …</p>
<button class="primary" type="submit">Look</button>
</form>`;
}

async function answer(visit: Visit, { report, hidden }: Seen): Promise<SafeHtml> {
  const { question: asked, blame } = report;
  if (asked.kind === 'unreadable')
    return section('answer', 'That could not be read', html`<p>Nothing was looked up: ${asked.why}.</p>`);
  return html`${blame !== undefined && verdictPart(blame, asked.kind === 'denial' ? asked.denial : undefined)}
${await undoOfferPart(visit, report)}
${changesPart(visit, report, hidden)}`;
}

function verdictPart(blame: Blamed, denial: Denial | undefined): SafeHtml {
  return section(
    'answer',
    'Was it Curtail?',
    html`<div class="chips">${chip(VERDICT_WORDS[blame.verdict])}</div>
<p class="verdict">${VERDICT_LEADS[blame.verdict]} ${blame.why}.</p>
${
  denial !== undefined &&
  facts(
    [
      ['Who', html`<code>${denial.principal}</code>`],
      ['Asked for', html`<code>${denial.action}</code>`],
      [
        'On',
        denial.resource === undefined ? 'the message does not say' : html`<code>${denial.resource}</code>`,
      ],
      ['AWS says', awsSays(denial)],
    ],
    'lines',
  )
}`,
    'The request was evaluated under the policies before and after each change. The message is all that is known of it.',
  );
}

function awsSays({ how, by }: Denial): string {
  const policy = by === undefined ? 'some policy' : POLICY_WORDS[by];
  if (how === 'explicit') return `denied by ${policy}`;
  return how === 'implicit' ? `not allowed by ${policy}` : 'only that it was denied';
}

async function undoOfferPart(visit: Visit, report: BlameReport): Promise<SafeHtml | false> {
  const offer = undoOffer(report, visit.gateway.config.publicUrl);
  if (offer === undefined) return false;
  const rows = await visit.gateway.ledger.changes({ findingKey: offer.findingKey });
  const row = rows.find(({ id }) => id === offer.changeId);
  const form = row === undefined ? false : await undoPart(visit, offer.findingKey, row, true);
  return section(
    'undo',
    'Have it undone',
    html`${form === false ? html`<p>You cannot ask for it yourself: its owner, an operator, an approver or security can.</p>` : form}
<p class="small soft">At the command line:</p><pre>${offer.command}</pre>`,
    'You ask, and somebody else decides. Nothing comes back before they do.',
  );
}

function changesPart(visit: Visit, { changes, arns, more }: BlameReport, hidden: number): SafeHtml {
  const notes = [
    ...(more ? ['Only the newest are shown.'] : []),
    ...(hidden > 0
      ? [`${count(hidden, 'change')} for findings that are not yours to see; ask security.`]
      : []),
  ];
  return section(
    'changes',
    changes.length === 0 ? 'Nothing was changed here' : 'What Curtail changed here',
    html`${changes.length === 0 ? html`<p class="none">Curtail has changed none of these.</p>` : table(visit, changes)}
${notes.length > 0 && listOr(notes, '', 'tight')}
<details class="small"><summary>Where it was looked for</summary>${listOr(
      arns.map((arn) => html`<code>${arn}</code>`),
      'Nowhere.',
      'tight',
    )}</details>`,
  );
}

function table(visit: Visit, changes: readonly BlamedChange[]): SafeHtml {
  const judged = changes.some(({ blame }) => blame !== undefined);
  return html`<div class="scroll"><table class="stack"><thead><tr><th scope="col">What</th><th scope="col">When</th><th scope="col">Approved by</th>${judged && html`<th scope="col">To blame?</th>`}</tr></thead>
<tbody>${changes.map((change) => line(visit, change))}</tbody></table></div>`;
}

function line(visit: Visit, change: BlamedChange): HtmlValue {
  const { blame, appliedAtMs } = change;
  return html`<tr><td><a href="/findings/${change.findingKey}#changes">${change.what.join('; ')}</a><span class="source">${chip(CHANGE_WORDS[change.status])} ${change.note}</span></td>
<td data-label="When">${appliedAtMs === undefined ? 'never' : html`<time datetime="${new Date(appliedAtMs).toISOString()}">${localTime(appliedAtMs, visit.person)}</time>`}</td>
<td data-label="Approved by">${approvedBy(change)}</td>
${blame !== undefined && html`<td data-label="To blame">${chip(VERDICT_WORDS[blame.verdict])}<span class="source">${blame.why}</span></td>`}</tr>`;
}

function approvedBy({ approvals, standing, requestId }: BlamedChange): HtmlValue {
  if (standing !== undefined)
    return `the standing approval ${standing.id}${standing.grantedBy === undefined ? '' : ` of ${standing.grantedBy}`}`;
  const names = approvals.map(({ name }) => name).join(', ') || 'nobody';
  return requestId === undefined
    ? names
    : html`<a href="/requests/${encodeURIComponent(requestId)}">${names}</a>`;
}
