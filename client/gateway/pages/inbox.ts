import type { FastifyInstance } from 'fastify';
import type { RequestRow } from '../../../activities/ledger/port.js';
import { approvalsNeeded, type Person } from '../../../domain/approval/request.js';
import { html, type SafeHtml } from '../../../domain/text/html.js';
import { isAsked, maySeeRequest, seesAll } from '../access.js';
import { type Gateway, getPage, show } from '../kit.js';
import { chip } from '../layout.js';
import { count, fromNow, localTime, REQUEST_WORDS, severityTone } from '../words.js';

const SHOWN = 200;
const CLOSED_SHOWN = 10;

/** The first page: what waits for this person, then what they may step in for, then what was decided lately. */
export function registerInbox(app: FastifyInstance, gateway: Gateway): void {
  getPage(app, gateway, '/', async (visit) => {
    const { person, nowMs } = visit;
    const { mine, others, closed } = await rowsFor(gateway, person);
    const body = html`<div class="page-head">
<h1>${greeting(mine.length)}</h1>
<p>${mine.length > 0 ? 'Each request shows a fix, the proof that it is safe, and what happens when you approve. No answer counts as a no.' : 'When a finding has a proved fix that is yours to decide, it appears here, and you are told.'}</p>
</div>
${group('mine', 'Waiting for you', mine, person, nowMs)}
${group('others', 'Waiting for others', others, person, nowMs)}
${group('closed', 'Decided lately', closed, person, nowMs)}`;
    return show(visit, { title: 'Inbox', section: 'inbox', body });
  });
}

interface InboxRows {
  mine: readonly RequestRow[];
  others: readonly RequestRow[];
  closed: readonly RequestRow[];
}

async function rowsFor({ ledger }: Gateway, person: Person): Promise<InboxRows> {
  const scope = seesAll(person) ? {} : { personId: person.id };
  const [asked, open, lately] = await Promise.all([
    ledger.requests({ personId: person.id, status: 'open', limit: SHOWN }),
    ledger.requests({ ...scope, status: 'open', limit: SHOWN }),
    ledger.requests({ ...scope, limit: SHOWN }),
  ]);
  const mine = asked.filter((row) => isAsked(person, row) && !hasDecided(person, row)).sort(bySoonest);
  const own = new Set(mine.map((row) => row.request.id));
  const seen = (row: RequestRow): boolean => maySeeRequest(person, row);
  return {
    mine,
    others: open.filter((row) => seen(row) && !own.has(row.request.id)).sort(bySoonest),
    closed: lately
      .filter((row) => seen(row) && row.status !== 'open')
      .sort(byLatest)
      .slice(0, CLOSED_SHOWN),
  };
}

function greeting(waiting: number): string {
  if (waiting === 0) return 'Nothing waits for you';
  return waiting === 1 ? 'One decision waits for you' : `${waiting} decisions wait for you`;
}

function hasDecided(person: Person, row: RequestRow): boolean {
  return row.decisions.some((decision) => decision.personId === person.id);
}
function bySoonest(a: RequestRow, b: RequestRow): number {
  return a.request.expiresAtMs - b.request.expiresAtMs;
}
function byLatest(a: RequestRow, b: RequestRow): number {
  return (b.closedMs ?? 0) - (a.closedMs ?? 0);
}

function group(
  id: string,
  title: string,
  rows: readonly RequestRow[],
  person: Person,
  nowMs: number,
): SafeHtml | false {
  if (rows.length === 0) return false;
  return html`<section class="group" aria-labelledby="${id}">
<h2 id="${id}">${title} <span class="tally">${rows.length}</span></h2>
<ul class="requests">${rows.map((row) => html`<li>${card(row, person, nowMs)}</li>`)}</ul>
</section>`;
}

function card(row: RequestRow, person: Person, nowMs: number): SafeHtml {
  const { request } = row;
  return html`<article class="request">
<h3><a href="/requests/${encodeURIComponent(request.id)}">${row.title}</a></h3>
<p>${row.summary}</p>
<div class="chips">
${chip({ text: `Risk ${row.riskScore}`, tone: severityTone(request.severity) })}
${chip({ text: request.severity, tone: severityTone(request.severity) })}
${chip({ text: row.environment, tone: row.environment === 'production' ? 'warn' : 'quiet' })}
${row.findingKeys.length > 1 && chip({ text: count(row.findingKeys.length, 'finding'), tone: 'quiet' })}
${approvalsNeeded(request) === 2 && chip({ text: `${approvedBy(row)} of 2 approvals`, tone: 'busy' })}
${row.status !== 'open' && chip(REQUEST_WORDS[row.status])}
</div>
<div class="until">${row.status === 'open' ? deadline(row, person, nowMs) : closedAt(row, person)}</div>
</article>`;
}

function approvedBy(row: RequestRow): number {
  return new Set(row.decisions.filter((each) => each.verdict === 'approve').map((each) => each.personId))
    .size;
}

function deadline(row: RequestRow, person: Person, nowMs: number): SafeHtml {
  const { expiresAtMs } = row.request;
  return html`<strong>${expiresAtMs > nowMs ? `ends ${fromNow(expiresAtMs, nowMs)}` : 'time is over'}</strong>
<time datetime="${new Date(expiresAtMs).toISOString()}">${localTime(expiresAtMs, person)}</time>`;
}

function closedAt(row: RequestRow, person: Person): SafeHtml | false {
  if (row.closedMs === undefined) return false;
  return html`<time datetime="${new Date(row.closedMs).toISOString()}">${localTime(row.closedMs, person)}</time>`;
}
