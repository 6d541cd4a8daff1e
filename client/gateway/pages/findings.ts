import type { FastifyInstance } from 'fastify';
import type { FindingFilter, FindingRow } from '../../../activities/ledger/port.js';
import type { Person } from '../../../domain/approval/request.js';
import { FINDING_KINDS, FINDING_SOURCES } from '../../../domain/finding/finding.js';
import { KIND_WORDS } from '../../../domain/finding/words.js';
import { STAGES, type Stage } from '../../../domain/lifecycle/stage.js';
import { type HtmlValue, html, type SafeHtml } from '../../../domain/text/html.js';
import { maySeeFinding, seesAll } from '../access.js';
import { type Gateway, getPage, pathId, show } from '../kit.js';
import { chip } from '../layout.js';
import { notFound } from '../page-error.js';
import { standing } from '../standing.js';
import { STAGE_WORDS, severityTone } from '../words.js';
import { registerCommands } from './commands.js';
import { findingStory } from './finding.js';

const PAGE = 50;
/** People without a wide role see their own findings only; these are looked for among so many. */
const OWN_SCAN = 5_000;

/** The list of findings, one finding's story, and an operator's commands. */
export function registerFindingPages(app: FastifyInstance, gateway: Gateway): void {
  getPage(app, gateway, '/findings', async (visit) => {
    const query = new URL(visit.request.url, 'http://gateway').searchParams;
    const offset = Math.max(0, Math.min(100_000, Math.trunc(Number(query.get('offset') ?? 0)) || 0));
    const rows = await listFindings(gateway, visit.person, filterOf(query), offset);
    const body = html`<div class="page-head"><h1>Findings</h1><p>${seesAll(visit.person) ? 'Everything that the platforms reported, where it stands, and why.' : 'Findings that are yours to own or to decide.'}</p></div>
${filterForm(query)}
${rows.length === 0 ? html`<section class="card"><p class="none">No finding matches.</p></section>` : findingTable(rows.slice(0, PAGE))}
${pager(query, offset, rows.length > PAGE)}`;
    return show(visit, { title: 'Findings', section: 'findings', body });
  });

  getPage(app, gateway, '/findings/:id', async (visit) => {
    const row = await seenFinding(gateway, visit.person, pathId(visit.request));
    const body = await findingStory(visit, row);
    return show(visit, { title: row.finding.title, section: 'findings', body });
  });

  registerCommands(app, gateway);
}

/** @throws PageError 404 when there is no such finding or this person may not see it. */
export async function seenFinding(gateway: Gateway, person: Person, key: string): Promise<FindingRow> {
  const row = await gateway.ledger.finding(key);
  if (row === undefined || !maySeeFinding(person, row, await askedKeys(gateway, person)))
    throw notFound('finding');
  return row;
}

/** Whether this person may read the finding's story. */
export async function seesFinding(gateway: Gateway, person: Person, key: string): Promise<boolean> {
  const row = await gateway.ledger.finding(key);
  return row !== undefined && maySeeFinding(person, row, await askedKeys(gateway, person));
}

async function askedKeys(gateway: Gateway, person: Person): Promise<ReadonlySet<string>> {
  if (seesAll(person)) return new Set();
  const requests = await gateway.ledger.requests({ personId: person.id });
  const own = requests.filter((row) => row.request.approverIds.includes(person.id));
  return new Set(own.flatMap((row) => row.findingKeys));
}

async function listFindings(
  gateway: Gateway,
  person: Person,
  filter: FindingFilter,
  offset: number,
): Promise<readonly FindingRow[]> {
  if (seesAll(person)) return gateway.ledger.findings({ ...filter, limit: PAGE + 1, offset });
  const asked = await askedKeys(gateway, person);
  const rows = await gateway.ledger.findings({ ...filter, limit: OWN_SCAN });
  return rows.filter((row) => maySeeFinding(person, row, asked)).slice(offset, offset + PAGE + 1);
}

function filterOf(query: URLSearchParams): FindingFilter {
  const text = query.get('q')?.trim().slice(0, 200) ?? '';
  const state = query.get('state') ?? '';
  const source = query.get('source') ?? '';
  const kind = query.get('kind') ?? '';
  const stage = STAGES.find((each) => each === state);
  return {
    ...(text !== '' && { text }),
    ...(state === 'live' && { live: true }),
    ...(stage !== undefined && { stages: [stage] }),
    ...(FINDING_SOURCES.some((each) => each === source) && { source }),
    ...(FINDING_KINDS.some((each) => each === kind) && { kind }),
  };
}

function filterForm(query: URLSearchParams): SafeHtml {
  const stages: [string, string][] = STAGES.map((stage: Stage) => [stage, STAGE_WORDS[stage].text]);
  return html`<form class="card filters" method="get" action="/findings" role="search">
<div><label for="q">Search</label><input type="search" id="q" name="q" value="${query.get('q') ?? ''}" maxlength="200" placeholder="Title, identity, account"></div>
${choice('state', 'State', [['live', 'Not closed'], ...stages], query)}
${choice(
  'kind',
  'Kind',
  FINDING_KINDS.map((kind) => [kind, KIND_WORDS[kind]]),
  query,
)}
${choice(
  'source',
  'Source',
  FINDING_SOURCES.map((source) => [source, source]),
  query,
)}
<button type="submit">Show</button>
</form>`;
}

function choice(
  name: string,
  label: string,
  options: readonly (readonly [string, string])[],
  query: URLSearchParams,
): SafeHtml {
  const chosen = query.get(name) ?? '';
  return html`<div><label for="${name}">${label}</label><select id="${name}" name="${name}"><option value="">All</option>${options.map(([value, text]) => html`<option value="${value}"${value === chosen && html` selected`}>${text}</option>`)}</select></div>`;
}

function findingTable(rows: readonly FindingRow[]): SafeHtml {
  return html`<section class="card"><div class="scroll"><table class="stack">
<thead><tr><th scope="col">Finding</th><th scope="col">Kind</th><th scope="col">Environment</th><th scope="col" class="number">Risk</th><th scope="col">State</th></tr></thead>
<tbody>${rows.map(findingLine)}</tbody></table></div></section>`;
}

function findingLine(row: FindingRow): HtmlValue {
  const { finding } = row;
  return html`<tr><td><a href="/findings/${row.key}">${finding.title}</a><span class="source">${finding.source} · ${finding.subject.name} · ${finding.account ?? 'no account'}</span></td>
<td data-label="Kind">${KIND_WORDS[finding.kind]}</td>
<td data-label="Environment">${row.environment ?? 'unknown'}</td>
<td data-label="Risk" class="number">${row.risk === undefined ? chip({ text: finding.severity, tone: severityTone(finding.severity) }) : chip({ text: String(Math.round(row.risk.value)), tone: severityTone(row.risk.band) })}</td>
<td>${standing(row)}</td></tr>`;
}

function pager(query: URLSearchParams, offset: number, more: boolean): SafeHtml | false {
  if (offset === 0 && !more) return false;
  const at = (to: number): string => {
    const next = new URLSearchParams(query);
    next.set('offset', String(to));
    return `/findings?${next}`;
  };
  return html`<nav class="pager" aria-label="Pages"><span>${offset > 0 && html`<a class="button" href="${at(Math.max(0, offset - PAGE))}" rel="prev">Earlier</a>`}</span><span>${more && html`<a class="button" href="${at(offset + PAGE)}" rel="next">More</a>`}</span></nav>`;
}
