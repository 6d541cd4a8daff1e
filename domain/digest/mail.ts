import type { FindingKind } from '../finding/finding.js';
import { html, type SafeHtml, safeUrl } from '../text/html.js';
import { type Digest, type DigestItem, subjectWords } from './digest.js';

const BODY =
  'margin:0;padding:24px 12px;background:#f5f7f8;color:#16212b;font:15px/1.5 Arial,Helvetica,sans-serif';
const BOX = 'max-width:640px;width:100%;background:#ffffff;border:1px solid #dce2e7;border-radius:10px';
const CELL = 'padding:10px 24px;border-top:1px solid #dce2e7;vertical-align:top';
const SOFT = 'color:#51606e;font-size:13px';
const LINK = 'color:#0b5f8a;font-weight:bold;text-decoration:none';

/**
 * The digest as one mail-ready HTML document: tables and inline styles only, as mail clients want it, nothing
 * loaded from anywhere. `publicUrl` is where the gateway is, for the links.
 */
export function digestHtml(
  digest: Digest,
  publicUrl: string,
  kindWords: Readonly<Record<FindingKind, string>>,
): string {
  const period = `${isoDay(digest.fromMs)} to ${isoDay(digest.toMs)}`;
  const row = (item: DigestItem): SafeHtml => itemRow(item, publicUrl, kindWords[item.kind]);
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Curtail: access and data risks, ${period}</title></head>
<body style="${BODY}"><table role="presentation" align="center" cellpadding="0" cellspacing="0" style="${BOX}">
<tr><td style="padding:24px"><h1 style="margin:0 0 4px;font-size:21px">Access and data risks of the week</h1><span style="${SOFT}">${period}</span>
<p style="margin:14px 0 0">${numbersSentence(digest)}</p></td></tr>
${digest.quiet ? quietRow() : html`${heading('Top identity risks')}${rowsOr(digest.identityRisks, row, 'No open identity risk.')}${heading('Data findings, in the order to take them')}${rowsOr(digest.dataFindings, row, 'No open data finding.')}`}
<tr><td style="${CELL};${SOFT}">Listed by Curtail. Scores and order follow fixed rules; each finding’s page shows the parts.</td></tr>
</table></body></html>`.text;
}

/** The week in one sentence. */
export function numbersSentence({ numbers }: Digest): string {
  const parts = [
    `${numbers.new} new`,
    `${numbers.fixed} fixed and verified`,
    `${numbers.awaitingDecision} waiting for a decision`,
    ...(numbers.needAttention > 0 ? [`${numbers.needAttention} in need of attention`] : []),
    ...(numbers.expired > 0 ? [`${numbers.expired} expired without a decision`] : []),
  ];
  return `${parts.join(', ')}.`;
}

function isoDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function heading(text: string): SafeHtml {
  return html`<tr><td style="padding:18px 24px 6px"><h2 style="margin:0;font-size:16px">${text}</h2></td></tr>`;
}

function quietRow(): SafeHtml {
  return html`<tr><td style="${CELL}">A quiet week: nothing new, nothing open.</td></tr>`;
}

function rowsOr(
  items: readonly DigestItem[],
  row: (item: DigestItem) => SafeHtml,
  none: string,
): readonly SafeHtml[] {
  return items.length === 0 ? [html`<tr><td style="${CELL};${SOFT}">${none}</td></tr>`] : items.map(row);
}

function itemRow(item: DigestItem, publicUrl: string, kind: string): SafeHtml {
  const url = safeUrl(`${publicUrl}/findings/${encodeURIComponent(item.key)}`) ?? '';
  const score = item.risk === undefined ? item.severity : `risk ${item.risk}`;
  return html`<tr><td style="${CELL}"><a href="${url}" style="${LINK}">${item.title}</a> <span style="${SOFT}">${subjectWords(item)}</span><br><span style="${SOFT}">${kind} · ${score} · ${item.environment}${item.owner !== undefined && ` · ${item.owner}`}</span><br>${item.because}</td></tr>`;
}
