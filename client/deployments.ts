import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { DEPLOYMENT } from '../workflows/naming.js';

const { WorkerDeploymentVersionStatus } = proto.temporal.api.enums.v1;

/** A build whose workers have polled. */
export interface DeployedVersion {
  buildId: string;
  /** `current` gets new work; `draining` finishes what is pinned to it; `drained` may be stopped. */
  status: 'inactive' | 'current' | 'ramping' | 'draining' | 'drained' | 'unknown';
}

/** The worker deployment as the cluster knows it. */
export interface DeploymentState {
  /** Build id that gets new work; undefined while none was promoted, and then no versioned worker gets any. */
  current: string | undefined;
  versions: readonly DeployedVersion[];
  /** Names this very state to the server, so that two people do not promote over each other. */
  token: Uint8Array;
}

const STATUS: Readonly<Record<number, DeployedVersion['status']>> = {
  [WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_INACTIVE]: 'inactive',
  [WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_CURRENT]: 'current',
  [WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_RAMPING]: 'ramping',
  [WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINING]: 'draining',
  [WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINED]: 'drained',
};

/** Reads the deployment; undefined while no versioned worker has ever polled. */
export async function deploymentState(client: Client): Promise<DeploymentState | undefined> {
  const { namespace } = client.options;
  try {
    const { workerDeploymentInfo: found, conflictToken } =
      await client.workflowService.describeWorkerDeployment({ namespace, deploymentName: DEPLOYMENT });
    const current = found?.routingConfig?.currentDeploymentVersion?.buildId;
    return {
      current: current === '' || current === null ? undefined : current,
      token: conflictToken ?? new Uint8Array(),
      versions: (found?.versionSummaries ?? []).map((summary) => ({
        buildId: summary.deploymentVersion?.buildId ?? '',
        status: STATUS[summary.status ?? 0] ?? 'unknown',
      })),
    };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Sends new work to a build, and running lives that wait for long with their next step. */
export async function promote(client: Client, state: DeploymentState, buildId: string): Promise<void> {
  const { namespace, identity } = client.options;
  await client.workflowService.setWorkerDeploymentCurrentVersion({
    namespace,
    deploymentName: DEPLOYMENT,
    buildId,
    conflictToken: state.token,
    ...(identity !== undefined && { identity }),
  });
}

/** gRPC status 5 is NOT_FOUND. */
function isNotFound(error: unknown): boolean {
  return (error as { code?: unknown }).code === 5;
}
