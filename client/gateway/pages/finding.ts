import type {
  AuditRow,
  ChangeRow,
  FindingRow,
  ModelCallRow,
  RequestRow,
} from '../../../activities/ledger/port.js';
import type { PlatformCall } from '../../../domain/finding/platform-call.js';
import { KIND_WORDS } from '../../../domain/finding/words.js';
import { type HtmlValue, html, link, type SafeHtml } from '../../../domain/text/html.js';
import { isAuditor, seesAll } from '../access.js';
import { auditSentence, auditTone } from '../audit-words.js';
import type { Visit } from '../kit.js';
import { chip, facts, listOr, section } from '../layout.js';
import { standing } from '../standing.js';
import { CHANGE_WORDS, localTime, REQUEST_WORDS, severityTone } from '../words.js';
import { commandsPart } from './commands.js';
import { changeTitle } from './request-change.js';
import { undoPart } from './undo.js';

const STORY_ROWS = 500;
const CALL_ROWS = 50;

/** One finding from first sight to where it stands: facts, steps, requests, changes, and for auditors model calls. */
export async function findingStory(visit: Visit, row: FindingRow): Promise<SafeHtml> {
  const { ledger } = visit.gateway;
  const { source: platform, sourceId } = row.finding;
  const [audit, requests, changes, calls, asked] = await Promise.all([
    ledger.auditOf({ findingKey: row.key, limit: STORY_ROWS }),
    ledger.requests({ findingKey: row.key }),
    ledger.changes({ findingKey: row.key }),
    isAuditor(visit.person) ? ledger.modelCalls(row.key) : [],
    seesAll(visit.person) ? ledger.platformCalls({ platform, sourceId, limit: CALL_ROWS }) : [],
  ]);
  return html`<p class="crumbs"><a href="/findings">Findings</a></p>
<div class="page-head"><h1>${row.finding.title}</h1>
<div class="chips">${standing(row)}${chip({ text: row.finding.severity, tone: severityTone(row.finding.severity) })}${chip({ text: KIND_WORDS[row.finding.kind], tone: 'quiet' })}${row.parked !== undefined && chip({ text: `parked: ${row.parked}`, tone: 'bad' })}</div>
${row.note !== undefined && html`<p>${row.note}</p>`}</div>
${aboutPart(visit, row)}
${requestsPart(visit, requests)}
${await changesPart(visit, row.key, changes)}
${storyPart(visit, audit)}
${calls.length > 0 && callsPart(visit, calls)}
${asked.length > 0 && platformCallsPart(visit, asked)}
${commandsPart(visit, row)}`;
}

function aboutPart(visit: Visit, row: FindingRow): SafeHtml {
  const { finding } = row;
  const rows: [string, HtmlValue][] = [
    ['Subject', html`${finding.subject.name}<span class="source"><code>${finding.subject.id}</code></span>`],
    [
      'Source',
      html`${link(`${finding.source} ${finding.sourceId}`, finding.consoleUrl)}<span class="source">${row.sourceState} at the source</span>`,
    ],
    ['Account', finding.account ?? 'none'],
    ['Environment', row.environment ?? 'unknown'],
    ['Owner', row.owner ?? 'not known yet'],
    [
      'Risk',
      row.risk === undefined ? 'not scored yet' : `${Math.round(row.risk.value)} of 100, ${row.risk.band}`,
    ],
    ['First seen', localTime(row.firstSeenMs, visit.person)],
    ['Last seen', localTime(row.lastSeenMs, visit.person)],
    ['Waiting for', row.waitingFor ?? 'nobody'],
    ['Why', row.treatment?.reason ?? 'not decided yet'],
    ['Phase', row.phase ?? 'not started'],
    ['Workflow', row.workflowId === undefined ? 'none' : html`<code>${row.workflowId}</code>`],
  ];
  const tags = Object.entries(finding.tags).map(([name, value]) => html`<code>${name}=${value}</code>`);
  return section(
    'about',
    'About it',
    html`${facts(rows)}
${finding.labels.length > 0 && html`<div class="chips">${finding.labels.map((label) => chip({ text: label, tone: 'warn' }))}</div>`}
${tags.length > 0 && html`<details><summary>Tags (${tags.length})</summary>${listOr(tags, '', 'tight')}</details>`}
${finding.evidence.text !== undefined && html`<details><summary>What the platform says</summary><p>${finding.evidence.text}</p></details>`}`,
  );
}

function requestsPart(visit: Visit, requests: readonly RequestRow[]): SafeHtml {
  const items = requests.map(
    (row) =>
      html`<a href="/requests/${encodeURIComponent(row.request.id)}">${row.title}</a> ${chip(REQUEST_WORDS[row.status])}<span class="source">opened ${localTime(row.request.openedAtMs, visit.person)}</span>`,
  );
  return section('requests', 'Requests', listOr(items, 'Nobody has been asked yet.'));
}

async function changesPart(
  visit: Visit,
  findingKey: string,
  changes: readonly ChangeRow[],
): Promise<SafeHtml | false> {
  if (changes.length === 0) return false;
  const undo = new Map<string, SafeHtml | false>();
  for (const row of changes) undo.set(row.id, await undoPart(visit, findingKey, row));
  const items = changes.map(
    (row) =>
      html`${chip(CHANGE_WORDS[row.status])} ${row.changes.map(changeTitle).join('; ')}${row.reference !== undefined && html` ${link(row.reference.ref, row.reference.url)}`}<span class="source">${row.standingApprovalId === undefined ? 'approved by people' : `under standing approval ${row.standingApprovalId}`} · digest <code>${row.digest.slice(0, 16)}…</code></span>${row.note}${undo.get(row.id)}`,
  );
  return section('changes', 'Changes', listOr(items, ''));
}

function storyPart(visit: Visit, audit: readonly AuditRow[]): SafeHtml {
  if (audit.length === 0)
    return section('story', 'Story', html`<p class="none">Nothing has happened yet.</p>`);
  return section(
    'story',
    'Story',
    html`<ol class="story">${audit.map((row) => html`<li class="tone-${auditTone(row.type)}">${auditSentence(row)}<br><span class="who">${row.actor}</span> · <time datetime="${new Date(row.atMs).toISOString()}">${localTime(row.atMs, visit.person)}</time></li>`)}</ol>`,
    'From the audit chain; every row is bound to the one before it.',
  );
}

function callsPart(visit: Visit, calls: readonly ModelCallRow[]): SafeHtml {
  return section(
    'calls',
    'Model calls',
    html`${calls.map(
      (
        call,
      ) => html`<details><summary><code>${call.llmSessionId}</code> ${call.promptId} v${call.promptVersion} · ${call.model} · ${call.outcome}</summary>
${facts([
  ['When', localTime(call.atMs, visit.person)],
  ['Asked by', call.requestedBy],
  ['Tokens in and out', `${call.inputTokens} / ${call.outputTokens}`],
  ['Took', `${call.latencyMs} ms`],
  ['Prompt digest', html`<code>${call.promptDigest}</code>`],
])}<h3>Redacted prompt</h3><pre>${call.redactedPrompt}</pre><h3>Answer</h3><pre>${call.answer}</pre></details>`,
    )}`,
    'Shown to auditors, as it is kept: redacted.',
  );
}

/** What the platform was asked about this finding. Never what was said. */
function platformCallsPart(visit: Visit, calls: readonly PlatformCall[]): SafeHtml {
  const items = calls.map(
    (call) =>
      html`${call.operation} ${chip({ text: call.status === 0 ? 'no answer' : String(call.status), tone: call.status >= 200 && call.status < 300 ? 'good' : 'bad' })}<span class="source">${call.method} · ${call.durationMs} ms · ${localTime(call.atMs, visit.person)}${call.digest !== undefined && html` · answer <code>${call.digest.slice(0, 12)}…</code>`}</span>`,
  );
  return section(
    'platform-calls',
    'Calls of the platform',
    html`<details><summary>${calls.length} calls</summary>${listOr(items, '', 'tight')}</details>`,
    'Kept for 30 days, without what was said.',
  );
}
