import { rootCauseOf } from '../../domain/finding/cluster.js';
import type { Finding } from '../../domain/finding/finding.js';
import { findingKey, fingerprint } from '../../domain/finding/fingerprint.js';
import { belowFloor, floorOf, triageScore } from '../../domain/finding/triage.js';
import { type Account, parseAccount } from '../../domain/graph/account.js';
import { PolicyError } from '../../domain/iam/document.js';
import type { Json } from '../../domain/json.js';
import type { SourceRecord } from '../cnapp/port.js';
import type { StartFinding } from '../starter/port.js';
import { HELD, isConfirmed } from './confirmation.js';
import { heartbeat } from './heartbeat.js';
import { auditEntry, type LifecyclePorts } from './ports.js';

/** What became of a batch. */
export interface IntakeResult {
  seen: number;
  started: number;
  /** Kept without a life, since nobody has confirmed the source yet. */
  held: number;
  new: number;
  changed: number;
  reopened: number;
  unchanged: number;
  belowFloor: number;
  refused: number;
}

/**
 * The one path for poll, webhook and file: fingerprint, upsert in the ledger, start what is above the triage floor.
 * A life starts only when the row is new, materially changed or reopened, so the same batch again starts nothing.
 */
export async function takeIn(
  ports: LifecyclePorts,
  batch: { scanId: string; source: string; atMs: number; records: readonly SourceRecord[] },
): Promise<IntakeResult> {
  const result: IntakeResult = {
    seen: 0,
    started: 0,
    held: 0,
    new: 0,
    changed: 0,
    reopened: 0,
    unchanged: 0,
    belowFloor: 0,
    refused: 0,
  };
  const taken = new Map<string, { finding: Finding; original: Json }>();
  for (const record of batch.records) {
    result.seen += 1;
    if (record.ok) {
      taken.set(findingKey(record.finding, ports.digest), {
        finding: record.finding,
        original: asJson(record.original),
      });
      continue;
    }
    result.refused += 1;
    await ports.ledger.quarantine({
      source: batch.source,
      scanId: batch.scanId,
      reason: record.reason,
      original: asJson(record.original),
      atMs: batch.atMs,
      ...(record.pointer !== undefined && { pointer: record.pointer }),
      ...(record.line !== undefined && { line: record.line }),
    });
  }
  if (taken.size === 0) return result;
  const recorded = await ports.ledger.recordFindings({
    scanId: batch.scanId,
    source: batch.source,
    atMs: batch.atMs,
    records: [...taken].map(([key, { finding, original }]) => ({
      key,
      finding,
      original,
      fingerprint: fingerprint(finding, ports.digest),
    })),
  });
  heartbeat('recorded');
  const starts: StartFinding[] = [];
  const below = new Map<string, string[]>();
  const roots = rootCauses(ports);
  for (const { key, disposition, generation } of recorded) {
    const finding = taken.get(key)?.finding;
    if (finding === undefined) continue;
    result[disposition] += 1;
    if (disposition === 'unchanged') continue;
    const reason = belowFloor(finding, floorOf(ports.settings, finding));
    if (reason !== undefined) {
      below.set(reason, [...(below.get(reason) ?? []), key]);
      result.belowFloor += 1;
      continue;
    }
    starts.push(await toStart(ports, roots, key, generation, finding));
  }
  await keepBelow(ports, batch, below);
  if (starts.length > 0 && !(await isConfirmed(ports, batch.source))) {
    await hold(ports, batch, starts);
    return { ...result, held: starts.length };
  }
  await begin(ports, starts, batch.atMs);
  result.started = starts.length;
  return result;
}

/**
 * The ledger says where a life is before it begins: a workflow's own first stage is never overwritten. An intake that
 * dies between the two is told of the same findings again by the ledger, and starting twice does nothing.
 */
async function begin(ports: LifecyclePorts, starts: readonly StartFinding[], seenMs: number): Promise<void> {
  for (const [index, start] of starts.entries()) {
    if (index % 50 === 0) heartbeat(`${index} of ${starts.length} begun`);
    const { workflowId, clusterId } = ports.starter.ids(start);
    const atMs = ports.now();
    await ports.ledger.setStage(
      {
        keys: [start.key],
        stage: 'new',
        outcome: null,
        note: null,
        parked: null,
        waitingFor: null,
        workflowId,
        clusterId: clusterId ?? null,
        phase: start.phase,
        atMs,
      },
      [
        auditEntry(
          {
            id: `${workflowId}/started/g${start.generation}`,
            key: start.key,
            workflowId,
            type: 'finding.started',
            actor: 'curtail',
            atMs,
          },
          { source: start.source, generation: start.generation },
        ),
      ],
    );
    await ports.ledger.measure({
      findingKey: start.key,
      generation: start.generation,
      what: 'detected',
      atMs: seenMs,
    });
  }
  await ports.starter.start(starts);
}

/** Starts lives that an intake recorded and never began, because it died for good in between. */
export async function beginAgain(
  ports: LifecyclePorts,
  rows: readonly { key: string; generation: number; finding: Finding; firstSeenMs: number }[],
): Promise<void> {
  const roots = rootCauses(ports);
  for (const row of rows) {
    await begin(ports, [await toStart(ports, roots, row.key, row.generation, row.finding)], row.firstSeenMs);
  }
}

async function toStart(
  ports: LifecyclePorts,
  roots: (finding: Finding) => Promise<string | undefined>,
  key: string,
  generation: number,
  finding: Finding,
): Promise<StartFinding> {
  const { account } = finding;
  const environment = account === undefined ? undefined : ports.settings.accounts[account]?.environment;
  const riskScore = triageScore(finding);
  const flags = await ports.flags.read({
    findingKey: key,
    kind: finding.kind,
    risk: riskScore,
    ...(account !== undefined && { account }),
    ...(environment !== undefined && { environment }),
  });
  const rootCause = await roots(finding);
  return {
    key,
    source: finding.source,
    generation,
    kind: finding.kind,
    severity: finding.severity,
    subject: finding.subject.id,
    phase: flags.phase,
    riskScore,
    ...(account !== undefined && { account }),
    ...(rootCause !== undefined && { rootCause }),
  };
}

/** What is below the floor is kept and listed: one write and one audit row for each reason in a batch. */
async function keepBelow(
  ports: LifecyclePorts,
  batch: { scanId: string; source: string; atMs: number },
  below: ReadonlyMap<string, readonly string[]>,
): Promise<void> {
  for (const [reason, keys] of below) {
    const [first = ''] = keys;
    await ports.ledger.setStage(
      { keys, stage: 'closed', outcome: 'below-floor', note: reason, atMs: batch.atMs },
      [
        {
          id: `below-floor/${batch.scanId}/${first}`,
          stream: 'system',
          type: 'finding.below-floor',
          actor: 'curtail',
          atMs: batch.atMs,
          fields: { source: batch.source, reason, findings: keys.length },
        },
      ],
    );
  }
}

/** What an unconfirmed source reported is kept: no life begins, and nobody is told. One audit row a batch. */
async function hold(
  ports: LifecyclePorts,
  batch: { scanId: string; source: string; atMs: number },
  starts: readonly StartFinding[],
): Promise<void> {
  const keys = starts.map(({ key }) => key);
  const note = 'kept; nothing begins before somebody confirms the source (curtail forecast)';
  await ports.ledger.setStage({ keys, stage: 'new', note, waitingFor: HELD, atMs: batch.atMs }, [
    {
      id: `held/${batch.scanId}/${keys[0] ?? ''}`,
      stream: 'system',
      type: 'finding.held',
      actor: 'curtail',
      atMs: batch.atMs,
      fields: { source: batch.source, findings: keys.length },
    },
  ]);
}

/** Root causes of a batch: each account is read once. An account that cannot be read clusters nothing. */
export function rootCauses(
  ports: Pick<LifecyclePorts, 'cloud' | 'log'>,
): (finding: Finding) => Promise<string | undefined> {
  const accounts = new Map<string, Promise<Account | undefined>>();
  async function load(id: string): Promise<Account | undefined> {
    if (!(await ports.cloud.accounts()).includes(id)) return undefined;
    try {
      return parseAccount(await ports.cloud.readAccount(id));
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error;
      ports.log('warn', 'an account cannot be read, so its findings are not clustered', {
        account: id,
        type: error.type,
      });
      return undefined;
    }
  }
  return async (finding) => {
    if (finding.account === undefined || finding.kind !== 'excessive-permissions') return undefined;
    const loading = accounts.get(finding.account) ?? load(finding.account);
    accounts.set(finding.account, loading);
    const account = await loading;
    return account === undefined ? undefined : rootCauseOf(finding, account);
  };
}

/** The original as JSON; what is not JSON (it came through a parser, so all of it should be) is kept as text. */
function asJson(original: unknown): Json {
  return JSON.parse(JSON.stringify(original ?? null)) as Json;
}
