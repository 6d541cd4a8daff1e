import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { AuditRow } from '../../../activities/ledger/port.js';
import { html, type SafeHtml } from '../../../domain/text/html.js';
import { isAuditor } from '../access.js';
import { auditSentence } from '../audit-words.js';
import type { GatewayLedger } from '../deps.js';
import { type Gateway, getPage, show, type Visit } from '../kit.js';
import { chip, section } from '../layout.js';
import { notFound } from '../page-error.js';
import { count, localTime } from '../words.js';

const BATCH = 1_000;
const LATEST = 50;
/** The newest gateway rows are looked for among so many of all rows. */
const RECENT = 2_000;

/** The chain's state, its newest rows, and its export, for auditors. */
export function registerAuditPages(app: FastifyInstance, gateway: Gateway): void {
  getPage(app, gateway, '/audit', async (visit) => {
    if (!isAuditor(visit.person)) throw notFound('page');
    const [state, heads] = await Promise.all([gateway.ledger.verifyAudit(), gateway.ledger.auditHeads()]);
    const afterSeq = Math.max(0, state.rows - RECENT);
    const rows = await gateway.ledger.auditOf({ stream: 'gateway', afterSeq, limit: RECENT });
    const body = html`<div class="page-head"><h1>Audit</h1><p>Every row is bound to the one before it, so that deletion, reordering and truncation all show.</p></div>
${chainPart(state, heads.length)}
${section('latest', 'Latest at the gateway', rowTable(visit, rows.slice(-LATEST).reverse()))}`;
    return show(visit, { title: 'Audit', section: 'audit', body });
  });

  getPage(app, gateway, '/audit/export', async (visit) => {
    if (!isAuditor(visit.person)) throw notFound('page');
    return visit.reply
      .type('application/x-ndjson')
      .header('cache-control', 'no-store')
      .header('content-disposition', 'attachment; filename="curtail-audit.jsonl"')
      .send(Readable.from(auditLines(gateway.ledger)));
  });
}

/** The whole chain as JSON Lines, read in batches so that its length does not matter. */
export async function* auditLines(ledger: Pick<GatewayLedger, 'auditOf'>): AsyncGenerator<string> {
  let afterSeq = 0;
  for (;;) {
    const rows = await ledger.auditOf({ afterSeq, limit: BATCH });
    for (const row of rows) yield `${JSON.stringify(row)}\n`;
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) return;
    afterSeq = last.seq;
  }
}

type ChainState = Awaited<ReturnType<GatewayLedger['verifyAudit']>>;
function chainPart(state: ChainState, streams: number): SafeHtml {
  return section(
    'chain',
    'State of the chain',
    html`<div class="chips">${chip(state.ok ? { text: 'Intact', tone: 'good' } : { text: 'Broken', tone: 'bad' })}</div>
<p>${count(state.rows, 'row')} in ${count(streams, 'chain')}, checked just now.</p>
${state.faults.length > 0 && html`<ul>${state.faults.map((fault) => html`<li>${fault.stream}, row ${fault.position}: ${fault.fault}</li>`)}</ul>`}
<p><a class="button" href="/audit/export" download>Export all rows</a></p>
<p class="small soft">Keep the export elsewhere: <code>curtail audit verify</code> compares against exported heads, which shows truncation too.</p>`,
  );
}

function rowTable(visit: Visit, rows: readonly AuditRow[]): SafeHtml {
  if (rows.length === 0) return html`<p class="none">Nothing yet.</p>`;
  return html`<div class="scroll"><table class="stack"><thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">What</th></tr></thead>
<tbody>${rows.map((row) => html`<tr><td data-label="When">${localTime(row.atMs, visit.person)}</td><td data-label="Who">${row.actor}</td><td>${auditSentence(row)}</td></tr>`)}</tbody></table></div>`;
}
