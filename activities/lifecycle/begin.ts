import { rootCauseOf } from '../../domain/finding/cluster.js';
import type { Finding } from '../../domain/finding/finding.js';
import { type Treatment, treatmentOf } from '../../domain/finding/treatment.js';
import { floorOf, triageScore } from '../../domain/finding/triage.js';
import { type Account, parseAccount } from '../../domain/graph/account.js';
import { PolicyError } from '../../domain/iam/document.js';
import type { StartFinding } from '../starter/port.js';
import { heartbeat } from './heartbeat.js';
import { auditEntry, type LifecyclePorts } from './ports.js';

/** A life that is to begin, and why. */
export interface Beginning {
  start: StartFinding;
  treatment: Treatment;
}

/**
 * The ledger says where a life is before it begins: a workflow's own first stage is never overwritten. An intake that
 * dies between the two is told of the same findings again by the ledger, and starting twice does nothing.
 */
export async function begin(
  ports: LifecyclePorts,
  starts: readonly Beginning[],
  seenMs: number,
): Promise<void> {
  const atMs = ports.now();
  const lives = starts.map(({ start, treatment }) => ({ ...start, ...ports.starter.ids(start), treatment }));
  await ports.ledger.beginLives(
    lives,
    atMs,
    lives.map(({ key, workflowId, source, generation, treatment }) =>
      auditEntry(
        {
          id: `${workflowId}/started/g${generation}`,
          key,
          workflowId,
          type: 'finding.started',
          actor: 'curtail',
          atMs,
        },
        { source, generation, why: treatment.reason.slice(0, 300) },
      ),
    ),
  );
  await ports.ledger.measure(
    ...lives.map(({ key, generation }) => ({ findingKey: key, generation, what: 'detected', atMs: seenMs })),
  );
  heartbeat(`${starts.length} recorded`);
  await ports.starter.start(starts.map(({ start }) => start));
}

/** Starts lives that an intake recorded and never began, because it died for good in between. */
export async function beginAgain(
  ports: LifecyclePorts,
  rows: readonly { key: string; generation: number; finding: Finding; firstSeenMs: number }[],
): Promise<void> {
  const roots = rootCauses(ports);
  for (const row of rows) {
    const treatment = treatmentOf(row.finding, floorOf(ports.settings, row.finding));
    await begin(ports, [{ start: await toStart(ports, roots, row), treatment }], row.firstSeenMs);
  }
}

/** What a life is started with: its phase and first score, and what it shares with others. */
export async function toStart(
  ports: LifecyclePorts,
  roots: (finding: Finding) => Promise<string | undefined>,
  { key, generation, finding }: { key: string; generation: number; finding: Finding },
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
