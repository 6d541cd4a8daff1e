import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import type { LifecycleStarter, StartFinding } from '../activities/starter/port.js';
import type { Ladder } from '../domain/approval/ladder.js';
import type { Severity } from '../domain/finding/finding.js';
import type { Timing } from '../domain/lifecycle/timing.js';
import {
  type ClusterMember,
  type ClusterReviewInput,
  joinSignal,
} from '../workflows/cluster-review/messages.js';
import { type FindingLifecycleInput, settledSignal } from '../workflows/finding-lifecycle/messages.js';
import { clusterWorkflowId, findingWorkflowId, SEARCH_ATTRIBUTES } from '../workflows/naming.js';

export interface StarterOptions {
  client: Client;
  coreQueue: string;
  timing: Timing;
  ladder: Readonly<Record<Severity, Ladder>>;
  /** SHA-256 in hex. */
  digest: (text: string) => string;
}

/** Starts in flight at once: enough to keep the server busy, few enough not to drown it. */
const CONCURRENCY = 20;

/** Starts lives over Temporal's client. Starting what runs already does nothing. */
export function createStarter(options: StarterOptions): LifecycleStarter {
  return {
    ids(finding) {
      const clusterId = clusterOf(finding, options.digest);
      const workflowId = findingWorkflowId(finding.source, finding.key);
      return { workflowId, ...(clusterId !== undefined && { clusterId }) };
    },
    async start(findings) {
      const clusters = groupByCluster(findings, options.digest);
      await inParallel([...clusters], ([clusterId, members]) => joinCluster(options, clusterId, members));
      await inParallel(findings, (finding) =>
        startFinding(options, finding, clusterOf(finding, options.digest)),
      );
    },
    async release({ workflowId, clusterId, note }) {
      try {
        await options.client.workflow
          .getHandle(workflowId)
          .signal(settledSignal, { clusterId, outcome: 'stopped', note });
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
    },
    async running(workflowIds) {
      const alive = await inParallel(workflowIds, async (id) =>
        (await describe(options.client, id))?.status.name === 'RUNNING' ? id : undefined,
      );
      return new Set(alive.filter((id) => id !== undefined));
    },
    async begun(lives) {
      const known = await inParallel(lives, async ({ workflowId, generation }) =>
        (await describe(options.client, workflowId))?.memo?.['generation'] === generation
          ? workflowId
          : undefined,
      );
      return new Set(known.filter((id) => id !== undefined));
    },
  };
}

function clusterOf(finding: StartFinding, digest: StarterOptions['digest']): string | undefined {
  return finding.rootCause === undefined
    ? undefined
    : clusterWorkflowId(digest(finding.rootCause).slice(0, 32));
}

function groupByCluster(
  findings: readonly StartFinding[],
  digest: StarterOptions['digest'],
): ReadonlyMap<string, StartFinding[]> {
  const clusters = new Map<string, StartFinding[]>();
  for (const finding of findings) {
    const id = clusterOf(finding, digest);
    if (id !== undefined) clusters.set(id, [...(clusters.get(id) ?? []), finding]);
  }
  return clusters;
}

async function startFinding(
  options: StarterOptions,
  finding: StartFinding,
  clusterId: string | undefined,
): Promise<void> {
  const workflowId = findingWorkflowId(finding.source, finding.key);
  const { key, source, generation, kind, severity, subject, account, phase } = finding;
  const input: FindingLifecycleInput = {
    key,
    source,
    generation,
    kind,
    severity,
    subject,
    phase,
    ladder: options.ladder[severity],
    timing: options.timing,
    ...(account !== undefined && { account }),
    ...(clusterId !== undefined && { clusterId }),
  };
  await options.client.workflow.start('findingLifecycle', {
    workflowId,
    taskQueue: options.coreQueue,
    args: [input],
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    memo: { generation },
    staticSummary: `${kind}: ${shortName(subject)}`.slice(0, 200),
    staticDetails: `Source ${source}, severity ${severity}, generation ${generation}.`,
    typedSearchAttributes: attributes(finding, clusterId === undefined ? 'open' : 'clustered'),
  });
}

async function joinCluster(
  options: StarterOptions,
  clusterId: string,
  findings: readonly StartFinding[],
): Promise<void> {
  const [first] = findings;
  if (first === undefined) return;
  const members: ClusterMember[] = findings.map((finding) => ({
    key: finding.key,
    workflowId: findingWorkflowId(finding.source, finding.key),
    subject: finding.subject,
  }));
  const input: ClusterReviewInput = {
    rootCause: first.rootCause ?? '',
    generation: Math.max(...findings.map((finding) => finding.generation)),
    source: first.source,
    kind: first.kind,
    severity: first.severity,
    phase: first.phase,
    ladder: options.ladder[first.severity],
    timing: options.timing,
    members: [],
    ...(first.account !== undefined && { account: first.account }),
  };
  await options.client.workflow.signalWithStart('clusterReview', {
    workflowId: clusterId,
    taskQueue: options.coreQueue,
    args: [input],
    signal: joinSignal,
    signalArgs: [{ members }],
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    staticSummary: `one cause of several findings: ${shortName(first.rootCause ?? '')}`.slice(0, 200),
    typedSearchAttributes: attributes(first, 'open'),
  });
}

function attributes(finding: StartFinding, stage: string) {
  return [
    { key: SEARCH_ATTRIBUTES.stage, value: stage },
    { key: SEARCH_ATTRIBUTES.severity, value: finding.severity },
    { key: SEARCH_ATTRIBUTES.source, value: finding.source },
    { key: SEARCH_ATTRIBUTES.kind, value: finding.kind },
    { key: SEARCH_ATTRIBUTES.riskScore, value: Math.round(finding.riskScore) },
    ...(finding.account === undefined ? [] : [{ key: SEARCH_ATTRIBUTES.account, value: finding.account }]),
  ];
}

/** What the server says of the latest run, or undefined when it knows none. */
async function describe(client: Client, workflowId: string) {
  try {
    return await client.workflow.getHandle(workflowId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** Last part of an ARN: what people call it. */
function shortName(arn: string): string {
  return arn.split(/[:/]/).at(-1) ?? arn;
}

async function inParallel<In, Out>(items: readonly In[], each: (item: In) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = new Array(items.length);
  let next = 0;
  async function lane(): Promise<void> {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) results[index] = await each(item);
    }
  }
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, items.length) }, lane));
  return results;
}
