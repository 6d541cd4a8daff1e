import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { RequestRow } from '../../../activities/ledger/port.js';
import { KIND_WORDS } from '../../../domain/finding/words.js';
import { html, type SafeHtml } from '../../../domain/text/html.js';
import { type Gateway, getPage, pathId, show, type Visit } from '../kit.js';
import { chip, section } from '../layout.js';
import { notFound } from '../page-error.js';
import { REQUEST_WORDS, severityTone } from '../words.js';
import { blastPart, changePart, filesPart, reasonsPart, workloadsPart } from './request-change.js';
import { contextPart, explanationPart, scorePart } from './request-context.js';
import { deskPart } from './request-desk.js';
import { isMoving, type RequestModel, readRequestModel, seenRequest, stateOf } from './request-model.js';
import { findingsPart, progressPart, questionsPart } from './request-progress.js';
import { proofPart } from './request-proof.js';
import { suggestionPart } from './request-suggestion.js';

const FOLLOW_SECONDS = 5;
const fileSchema = z.object({ id: z.string().min(1).max(512), name: z.string().min(1).max(128) });

/** The page on which a person decides, its state for followers, and its files. */
export function registerRequestPage(app: FastifyInstance, gateway: Gateway): void {
  getPage(app, gateway, '/requests/:id', async (visit) => {
    const row = await seenRequest(gateway, visit.person, pathId(visit.request));
    const model = await readRequestModel(gateway, visit.person, row);
    await markUnderstood(visit, model);
    const body = await requestBody(visit, model);
    const title = row.title;
    if (!isMoving(model)) return show(visit, { title, section: 'inbox', body });
    return show(visit, { title, section: 'inbox', body, refreshSeconds: FOLLOW_SECONDS });
  });

  getPage(app, gateway, '/requests/:id/state', async (visit) => {
    const row = await seenRequest(gateway, visit.person, pathId(visit.request));
    const model = await readRequestModel(gateway, visit.person, row);
    return visit.reply.header('cache-control', 'no-store').send({ state: stateOf(model) });
  });

  getPage(app, gateway, '/requests/:id/files/:name', async (visit) => {
    const { id, name } = fileSchema.parse(visit.request.params);
    const row = await seenRequest(gateway, visit.person, id);
    const shown = await gateway.ledger.draft(row.request.digest);
    const file = shown && gateway.renderFiles(shown.draft.changes).find((each) => each.name === name);
    if (file === undefined) throw notFound('file');
    return visit.reply
      .type('text/plain; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('content-disposition', `attachment; filename="${file.name.replace(/[^\w.-]/g, '_')}"`)
      .send(file.text);
  });
}

/** Whoever opens the page has the explanation in front of them: that is when a finding is first understood. */
async function markUnderstood({ gateway, nowMs }: Visit, { findings }: RequestModel): Promise<void> {
  await Promise.all(
    findings.map(({ key, generation }) =>
      gateway.ledger.measure({ findingKey: key, generation, what: 'understood', atMs: nowMs }),
    ),
  );
}

async function requestBody(visit: Visit, model: RequestModel): Promise<SafeHtml> {
  const { row, shown } = model;
  return html`<p class="crumbs"><a href="/">Inbox</a></p>
<div class="page-head">
<h1>${row.title}</h1>
${headChips(row, model)}
<p>${row.summary}</p>
</div>
<div class="split"${isMoving(model) && html` data-follow="/requests/${encodeURIComponent(row.request.id)}/state" data-state="${stateOf(model)}"`}>
<div class="first">
${row.status !== 'open' && (await progressPart(visit, model))}
${shown !== undefined && explanationPart(shown)}
</div>
<aside class="desk" aria-label="Decision">${deskPart(visit, model)}</aside>
<div class="rest">
${shown === undefined ? noDraft() : await details(visit, model, shown)}
${questionsPart(visit, model)}
${findingsPart(model)}
</div>
</div>`;
}

async function details(
  { gateway }: Visit,
  model: RequestModel,
  shown: NonNullable<RequestModel['shown']>,
): Promise<SafeHtml> {
  return html`${proofPart(shown)}
${changePart(shown)}
${suggestionPart(shown)}
${reasonsPart(shown)}
${await blastPart(shown)}
${workloadsPart(shown)}
${scorePart(shown)}
${contextPart(shown)}
${filesPart(model.row, gateway.renderFiles(shown.draft.changes), shown)}`;
}

function noDraft(): SafeHtml {
  return section(
    'no-draft',
    'What is asked',
    html`<p>This request is not about a change to the cloud. What is decided is named by the digest beside.</p>`,
  );
}

function headChips(row: RequestRow, { findings }: RequestModel): SafeHtml {
  const kind = findings[0]?.finding.kind;
  return html`<div class="chips">
${chip(REQUEST_WORDS[row.status])}
${chip({ text: `Risk ${row.riskScore}`, tone: severityTone(row.request.severity) })}
${chip({ text: `${row.request.severity} severity`, tone: severityTone(row.request.severity) })}
${chip({ text: row.environment, tone: row.environment === 'production' ? 'warn' : 'quiet' })}
${kind !== undefined && chip({ text: KIND_WORDS[kind], tone: 'quiet' })}
${row.request.highPrivilege && chip({ text: 'two people must approve', tone: 'busy' })}
</div>`;
}
