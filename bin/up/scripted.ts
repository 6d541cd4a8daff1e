import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { FindingRow, RequestRow } from '../../activities/ledger/port.js';
import { pollNow } from '../../client/schedules.js';
import type { SignInCodes } from './codes.js';
import { endStates } from './doubles.js';
import { signIn, type Visitor } from './person.js';
import type { Terminal } from './terminal.js';
import type { Running } from './up.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const EXPECTED = new URL('../../samples/expected.json', import.meta.url);

const Step = z.object({
  person: z.string(),
  action: z.string(),
  details: z
    .object({
      reason: z.string().optional(),
      keepActions: z.array(z.string()).optional(),
      seasonal: z.boolean().optional(),
    })
    .optional(),
});
const Expected = z.object({
  findings: z.array(
    z.object({
      key: z.string(),
      source: z.string(),
      findingSourceId: z.string(),
      script: z.array(Step),
      ending: z.string(),
      cluster: z.string().optional(),
    }),
  ),
  quarantined: z.array(z.object({ source: z.string(), records: z.number() })),
});
type Step = z.output<typeof Step>;
type Plan = z.output<typeof Expected>['findings'][number] & { next: number; usedRequests: Set<string> };

/** What a scripted run came to. */
export interface ScriptedResult {
  lines: readonly string[];
  faults: readonly string[];
}

/** How often everybody looks whether there is something to do. */
const EVERY_MS = 400;

/**
 * Plays the sample organisation: its people sign in and decide over the gateway's own HTTP, the world does its part,
 * and each finding must reach its expected ending. No back door is used.
 */
export async function playScript(
  running: Running,
  codes: SignInCodes,
  terminal: Terminal,
  limitMs: number,
): Promise<ScriptedResult> {
  const expected = Expected.parse(JSON.parse(await readFile(EXPECTED, 'utf8')));
  const plans: Plan[] = expected.findings.map((finding) => ({
    ...finding,
    next: 0,
    usedRequests: new Set(),
  }));
  const player = new Player(running, codes, terminal);
  const untilMs = Date.now() + limitMs;
  for (;;) {
    const rows = await running.ports.ledger.findings({ limit: 1_000 });
    terminal.show(rows);
    for (const plan of leaders(plans)) await player.turn(plan, rowOf(rows, plan));
    const open = plans.filter((plan) => rowOf(rows, plan)?.stage !== 'closed');
    if (open.length === 0 || Date.now() >= untilMs) break;
    await player.scanWhenQuiet(plans, rows);
    await wait(EVERY_MS);
  }
  return summary(running, plans, expected.quarantined);
}

/** One script plays for a whole cluster: that of its first finding. */
function leaders(plans: readonly Plan[]): readonly Plan[] {
  const seen = new Set<string>();
  return plans.filter((plan) => {
    if (plan.cluster === undefined) return true;
    if (seen.has(plan.cluster)) return false;
    seen.add(plan.cluster);
    return true;
  });
}

function rowOf(rows: readonly FindingRow[], plan: Plan): FindingRow | undefined {
  return rows.find(
    (row) => row.finding.source === plan.source && row.finding.sourceId === plan.findingSourceId,
  );
}

class Player {
  readonly #running: Running;
  readonly #codes: SignInCodes;
  readonly #terminal: Terminal;
  readonly #visitors = new Map<string, Visitor>();
  #lastScanMs = 0;

  constructor(running: Running, codes: SignInCodes, terminal: Terminal) {
    this.#running = running;
    this.#codes = codes;
    this.#terminal = terminal;
  }

  /** Does the next step of a script when its time has come. */
  async turn(plan: Plan, row: FindingRow | undefined): Promise<void> {
    const step = plan.script[plan.next];
    if (step === undefined || row === undefined || row.stage === 'closed') return;
    if (step.action === 'scan' || step.action === 'ignore' || step.action === 'pipeline') {
      plan.next += 1;
      return;
    }
    if (step.person === 'world') await this.#world(plan, step, row);
    else await this.#decide(plan, step, row);
  }

  async #world(plan: Plan, step: Step, row: FindingRow): Promise<void> {
    const folder = this.#running.organisation ?? '';
    if (step.action === 'workload') {
      if (row.stage !== 'verifying') return;
      await this.#sample('workload', folder, '--seasonal');
    } else if (step.action === 'merge') {
      if (row.stage !== 'awaiting-merge') return;
      const change = (await this.#running.ports.ledger.changes({ findingKey: row.key })).find(
        (each) => each.reference !== undefined,
      );
      if (change?.reference === undefined) return;
      await this.#sample('pipeline', folder, 'merge', change.reference.ref);
    } else {
      const asked = row.stage === 'awaiting-decision' || row.stage === 'awaiting-ticket';
      if (!asked) return;
      if (step.action === 'close-payments-database' && row.stage !== 'awaiting-ticket') return;
      await this.#sample('world', folder, step.action);
    }
    this.#terminal.say(`world: ${step.action} (${plan.key})`);
    plan.next += 1;
  }

  async #decide(plan: Plan, step: Step, row: FindingRow): Promise<void> {
    if (row.stage !== 'awaiting-decision' || row.requestId === undefined) return;
    const request = await this.#running.ports.ledger.request(row.requestId);
    if (request === undefined || request.status !== 'open') return;
    if (plan.usedRequests.has(`${step.person} ${row.requestId}`)) return;
    if (await this.#actElsewhere(step, request)) {
      plan.usedRequests.add(`${step.person} ${row.requestId}`);
      plan.next += 1;
      this.#terminal.say(`${step.person}: ${step.action} in the chat or the ticket (${plan.key})`);
      return;
    }
    const visitor = await this.#visitor(step.person);
    const path = `/requests/${encodeURIComponent(row.requestId)}`;
    const page = await visitor.submit(path, `${path}/decide`, {
      verdict: step.action,
      ...(step.details?.reason !== undefined && { reason: step.details.reason }),
      ...(step.details?.keepActions !== undefined && { keep: step.details.keepActions }),
    });
    if (page.status >= 400)
      throw new Error(`${step.person} could not ${step.action} ${plan.key}: HTTP ${page.status}`);
    plan.usedRequests.add(`${step.person} ${row.requestId}`);
    plan.next += 1;
    this.#terminal.say(`${step.person}: ${step.action} (${plan.key})`);
  }

  /** Decides in a product's double, where there is one and the page is not needed. */
  async #actElsewhere({ person, action, details }: Step, { request, ticket }: RequestRow): Promise<boolean> {
    const { doubles, ports } = this.#running;
    const isPlain = (action === 'approve' || action === 'reject') && !request.highPrivilege;
    const found = doubles === undefined || !isPlain ? undefined : await ports.directory.person(person);
    if (doubles === undefined || found === undefined || !isPlain || ticket === undefined) return false;
    return doubles.act({
      email: found.email,
      verdict: action,
      requestId: request.id,
      ticketId: ticket.id,
      ...(details?.reason !== undefined && { reason: details.reason }),
    });
  }

  async #visitor(personId: string): Promise<Visitor> {
    const known = this.#visitors.get(personId);
    if (known !== undefined) return known;
    const visitor = await signIn({
      gatewayUrl: this.#running.gatewayUrl,
      personId,
      nextCode: (id) => this.#codes.next(id),
    });
    this.#visitors.set(personId, visitor);
    return visitor;
  }

  /**
   * The platforms scan again, and their exports are polled; but not while a change waits for a denied request of the
   * workload: a scan in between would confirm it first.
   */
  async scanWhenQuiet(plans: readonly Plan[], rows: readonly FindingRow[]): Promise<void> {
    const harmed = plans.some(
      (plan) =>
        plan.ending === 'rolled-back' && plan.usedRequests.size > 0 && rowOf(rows, plan)?.stage !== 'closed',
    );
    if (harmed || Date.now() - this.#lastScanMs < 2_000) return;
    const folder = this.#running.organisation ?? '';
    await this.#sample('pipeline', folder);
    await this.#sample('scan', folder);
    await pollNow({ client: this.#running.client, sources: [...this.#running.ports.sources.keys()] });
    this.#lastScanMs = Date.now();
  }

  async #sample(name: string, ...args: readonly string[]): Promise<void> {
    await run(process.execPath, ['--import', 'tsx', `samples/${name}.ts`, ...args], {
      cwd: ROOT,
      timeout: 60_000,
    });
  }
}

async function summary(
  running: Running,
  plans: readonly Plan[],
  quarantined: z.output<typeof Expected>['quarantined'],
): Promise<ScriptedResult> {
  const { ledger } = running.ports;
  const rows = await ledger.findings({ limit: 1_000 });
  const lines: string[] = [];
  const faults: string[] = [];
  for (const plan of plans) {
    const row = rowOf(rows, plan);
    const ending =
      row === undefined
        ? 'not taken in'
        : row.stage === 'closed'
          ? (row.outcome ?? 'closed')
          : `still ${row.stage}`;
    lines.push(
      `${ending === plan.ending ? 'ok  ' : 'FAIL'} ${plan.key.padEnd(24)} ${ending.padEnd(18)} ${row?.note ?? ''}`.slice(
        0,
        160,
      ),
    );
    if (ending !== plan.ending)
      faults.push(`${plan.key}: expected ${plan.ending}, ended ${ending}: ${row?.note ?? 'no note'}`);
  }
  const refused = new Set(
    (await ledger.quarantined(1_000)).map((record) => `${record.source} ${JSON.stringify(record.original)}`),
  );
  for (const { source, records } of quarantined) {
    const count = [...refused].filter((name) => name.startsWith(`${source} `)).length;
    if (count !== records) faults.push(`${source}: expected ${records} quarantined record, found ${count}`);
  }
  if (running.doubles !== undefined) {
    const shown = await endStates(running.ports, running.doubles);
    lines.push(...shown.lines);
    faults.push(...shown.faults);
  }
  const audit = await ledger.verifyAudit();
  lines.push(`audit chain: ${audit.rows} rows, ${audit.ok ? 'intact' : 'BROKEN'}`);
  if (!audit.ok) faults.push(`the audit chain is broken: ${JSON.stringify(audit.faults[0])}`);
  return { lines, faults };
}
