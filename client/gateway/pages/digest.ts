import type { FastifyInstance } from 'fastify';
import { type Digest, type DigestItem, subjectWords, weeklyDigest } from '../../../domain/digest/digest.js';
import { digestHtml } from '../../../domain/digest/mail.js';
import { KIND_WORDS } from '../../../domain/finding/words.js';
import { html, type SafeHtml } from '../../../domain/text/html.js';
import { seesAll } from '../access.js';
import { type Gateway, getPage, show } from '../kit.js';
import { chip, section } from '../layout.js';
import { notFound } from '../page-error.js';
import { standing } from '../standing.js';
import { localTime, severityTone } from '../words.js';

/** The ledger lists by risk, so the worst are among the first. */
const ROWS = 10_000;

/** The week's digest as a page, and the same as a file that can be mailed. */
export function registerDigestPage(app: FastifyInstance, gateway: Gateway): void {
  getPage(app, gateway, '/digest', async (visit) => {
    if (!seesAll(visit.person)) throw notFound('digest');
    const digest = weeklyDigest(await gateway.ledger.findings({ limit: ROWS }), visit.nowMs);
    const body = html`<div class="page-head"><h1>Risks of the week</h1>
<p>${localTime(digest.fromMs, visit.person)} to ${localTime(digest.toMs, visit.person)}. Order and scores follow fixed rules; no model ranks anything.</p></div>
${digest.quiet ? quiet() : full(digest)}
<p><a class="button" href="/digest.html" download>Download for mail</a></p>`;
    return show(visit, { title: 'Weekly digest', section: 'digest', body });
  });

  getPage(app, gateway, '/digest.html', async (visit) => {
    if (!seesAll(visit.person)) throw notFound('digest');
    const digest = weeklyDigest(await gateway.ledger.findings({ limit: ROWS }), visit.nowMs);
    return visit.reply
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('content-disposition', 'attachment; filename="curtail-digest.html"')
      .send(digestHtml(digest, gateway.config.publicUrl, KIND_WORDS));
  });
}

function quiet(): SafeHtml {
  return html`<section class="card"><h2>A quiet week</h2><p class="none">Nothing new was reported, nothing is open, and nothing had to be fixed.</p></section>`;
}

function full(digest: Digest): SafeHtml {
  const { numbers } = digest;
  const shown: [string, number][] = [
    ['new', numbers.new],
    ['fixed and verified', numbers.fixed],
    ['waiting for a decision', numbers.awaitingDecision],
    ['need attention', numbers.needAttention],
    ['open identity risks', numbers.openIdentity],
    ['open data findings', numbers.openData],
  ];
  return html`<dl class="numbers">${shown.map(([label, n]) => html`<div><dt>${label}</dt><dd>${n.toLocaleString('en')}</dd></div>`)}</dl>
${section('identities', 'Top identity risks', ranked(digest.identityRisks, 'No open identity risk.'))}
${section('data', 'Data findings, in the order to take them', ranked(digest.dataFindings, 'No open data finding.'), 'Exposure first, then what the data is, then where it lies.')}
${numbers.belowFloor > 0 && html`<p class="soft">${numbers.belowFloor.toLocaleString('en')} more are below the triage floor: kept, scored and listed, not worked on.</p>`}`;
}

function ranked(items: readonly DigestItem[], none: string): SafeHtml {
  if (items.length === 0) return html`<p class="none">${none}</p>`;
  return html`<ol class="rank">${items.map(
    (
      item,
    ) => html`<li><a href="/findings/${item.key}">${item.title}</a> <span class="soft">${subjectWords(item)}</span><span class="chips">${chip({ text: item.risk === undefined ? item.severity : `risk ${item.risk}`, tone: severityTone(item.severity) })}</span>
<p>${item.because}</p>
<p class="small">${KIND_WORDS[item.kind]} · ${item.environment}${item.owner !== undefined && ` · ${item.owner}`} · ${standing(item)}${item.requestId !== undefined && html` · <a href="/requests/${encodeURIComponent(item.requestId)}">open the request</a>`}</p></li>`,
  )}</ol>`;
}
