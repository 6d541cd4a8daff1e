import type { AuditRow, ChangeRow, FindingRow, RequestRow } from '../../../activities/ledger/port.js';
import type { PlatformCall } from '../../../domain/finding/platform-call.js';
import { type GatewayApi, openApi } from '../api.js';
import type { OperationOptions } from '../operations.js';
import { printJson, printTable, safe } from '../print.js';

type Options = OperationOptions & Record<string, unknown>;

/** `curtail list` */
export async function list(options: Options): Promise<0> {
  const query = new URLSearchParams();
  for (const name of ['stage', 'source', 'text']) {
    const value = options[name];
    if (typeof value === 'string') query.set(name, value);
  }
  const { findings } = await api(options).get<{ findings: readonly FindingRow[] }>(`/findings?${query}`);
  if (options.json === true) printJson(findings);
  else printTable(['FINDING', 'RISK', 'SEVERITY', 'SUBJECT', 'STAGE', 'NOTE'], findings.map(toLine));
  return 0;
}

function toLine(row: FindingRow): readonly string[] {
  const stage = row.stage === 'closed' ? (row.outcome ?? 'closed') : row.stage;
  const risk = row.risk === undefined ? '' : String(Math.round(row.risk.value));
  return [row.key.slice(0, 10), risk, row.finding.severity, row.finding.subject.name, stage, row.note ?? ''];
}

/** `curtail show`: the whole story of one finding. */
export async function show(given: string, options: Options): Promise<0> {
  const client = api(options);
  const row = await findFinding(client, given);
  if (options['calls'] === true) return showCalls(client, row, options);
  const story = await client.get<{
    finding: FindingRow;
    requests: readonly RequestRow[];
    changes: readonly ChangeRow[];
    audit: readonly AuditRow[];
  }>(`/findings/${row.key}`);
  if (options.json === true) {
    printJson(story);
    return 0;
  }
  const { finding } = row;
  printTable(
    ['', ''],
    [
      ['finding', row.key],
      ['title', finding.title],
      ['about', finding.subject.id],
      ['source', `${finding.source} ${finding.sourceId}`],
      ['stage', row.stage === 'closed' ? (row.outcome ?? 'closed') : row.stage],
      ['note', row.note ?? ''],
      ['why', row.treatment?.reason ?? ''],
      ['workflow', row.workflowId ?? ''],
      ['request', row.requestId ?? ''],
    ],
  );
  console.log('');
  printTable(
    ['WHEN', 'WHAT', 'WHO', ''],
    story.audit.map((event) => [
      new Date(event.atMs).toISOString(),
      event.type,
      event.actor,
      fieldsOf(event),
    ]),
  );
  return 0;
}

/** What the platform was asked about a finding, newest first. Never what was said. */
async function showCalls(client: GatewayApi, row: FindingRow, options: Options): Promise<0> {
  const { calls } = await client.get<{ calls: readonly PlatformCall[] }>(`/findings/${row.key}/calls`);
  if (options.json === true) printJson(calls);
  else if (calls.length === 0)
    console.log(`${row.finding.source} was asked nothing about this finding alone`);
  else
    printTable(
      ['WHEN', 'METHOD', 'OPERATION', 'STATUS', 'MS', 'ANSWER'],
      calls.map((call) => [
        new Date(call.atMs).toISOString(),
        call.method,
        call.operation,
        call.status === 0 ? 'no answer' : String(call.status),
        String(call.durationMs),
        call.digest?.slice(0, 12) ?? '',
      ]),
    );
  return 0;
}

function fieldsOf(event: AuditRow): string {
  return Object.entries(event.fields)
    .map(([name, value]) => `${name}=${String(value).slice(0, 60)}`)
    .join(' ');
}

/** `curtail watch`: events as they come. */
export async function watch(given: string | undefined, options: Options): Promise<0> {
  const client = api(options);
  const key = given === undefined ? undefined : (await findFinding(client, given)).key;
  let afterSeq = 0;
  for (;;) {
    const query = new URLSearchParams({
      afterSeq: String(afterSeq),
      waitMs: '20000',
      ...(key !== undefined && { findingKey: key }),
    });
    const seen = await client.get<{ rows: readonly AuditRow[]; afterSeq: number }>(`/watch?${query}`);
    for (const event of seen.rows) {
      if (options.json === true) console.log(JSON.stringify(event));
      else
        console.log(
          safe(
            `${new Date(event.atMs).toISOString()} ${event.type.padEnd(22)} ${event.actor.padEnd(16)} ${event.findingKey?.slice(0, 10) ?? ''} ${fieldsOf(event)}`,
          ),
        );
    }
    afterSeq = seen.afterSeq;
  }
}

/** `curtail retry`, `resume` and `cancel`. Exit 1 when there was nothing to do. */
export async function command(
  what: 'retry' | 'resume' | 'cancel',
  given: string,
  options: Options,
): Promise<0 | 1> {
  const client = api(options);
  const row = await findFinding(client, given);
  const receipt = await client.post<{ done: boolean; message: string }>(`/findings/${row.key}/${what}`, {
    actor: 'cli',
  });
  if (options.json === true) printJson(receipt);
  else console.log(receipt.message);
  return receipt.done ? 0 : 1;
}

/** A finding by its key or the start of it, or by the name of what it is about. @throws Error when none or several fit */
export async function findFinding(client: GatewayApi, given: string): Promise<FindingRow> {
  const { findings } = await client.get<{ findings: readonly FindingRow[] }>('/findings?limit=10000');
  const fitting = findings.filter(
    (row) =>
      row.key.startsWith(given) || row.finding.subject.name === given || row.finding.sourceId === given,
  );
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return only;
  const why = only === undefined ? 'no finding' : `${fitting.length} findings`;
  throw new Error(
    `${why} fit "${given}": give the key (or its start), the subject\u2019s name or the platform\u2019s id; see "curtail list"`,
  );
}

/** The running gateway's loopback API, found by the options given or by the token file. */
export function api(options: Options): GatewayApi {
  return openApi({ cwd: process.cwd(), ...(options.config !== undefined && { config: options.config }) });
}
