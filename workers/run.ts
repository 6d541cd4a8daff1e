import type { DataConverter } from '@temporalio/common';
import { type NativeConnection, Worker } from '@temporalio/worker';
import type { Activities } from '../activities/contract.js';
import { keepAlive } from '../activities/lifecycle/heartbeat.js';
import { taskQueue, type Zone } from '../workflows/naming.js';
import type { WorkflowBundle } from './bundle.js';
import { ROLES } from './roles.js';

export interface WorkersOptions {
  connection: NativeConnection;
  namespace: string;
  prefix: string;
  zones: readonly Zone[];
  activities: Activities;
  /** Needed where `core` runs, and only there. */
  bundle?: WorkflowBundle;
  dataConverter?: DataConverter;
  /** Set in a deployment with worker versioning; embedded runs are unversioned and use `patched()`. */
  deployment?: { name: string; buildId: string };
  maxCachedWorkflows?: number;
}

/** Workers of the zones, polling. */
export interface RunningWorkers {
  /** Rejects when a worker fails; resolves after `stop`. */
  done: Promise<void>;
  stop(): Promise<void>;
}

/** Time that activities get to finish on shutdown before they are cancelled. */
const GRACE_MS = 5_000;

/** Starts a worker for each zone in this process. */
export async function runWorkers(options: WorkersOptions): Promise<RunningWorkers> {
  const workers = await Promise.all(options.zones.map((zone) => createWorker(options, zone)));
  const done = Promise.all(workers.map((worker) => worker.run())).then(() => undefined);
  return {
    done,
    async stop() {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await done.catch(() => undefined);
    },
  };
}

function createWorker(options: WorkersOptions, zone: Zone): Promise<Worker> {
  const role = ROLES[zone];
  const activities = Object.fromEntries(role.activities.map((name) => [name, options.activities[name]]));
  return Worker.create({
    connection: options.connection,
    namespace: options.namespace,
    taskQueue: taskQueue(options.prefix, zone),
    activities,
    interceptors: { activity: [(context) => ({ inbound: keepAlive(context) })] },
    maxConcurrentActivityTaskExecutions: role.maxConcurrent,
    shutdownGraceTime: GRACE_MS,
    shutdownForceTime: GRACE_MS * 2,
    ...(options.dataConverter !== undefined && { dataConverter: options.dataConverter }),
    ...(zone === 'core' && {
      workflowBundle: { codePath: bundleOf(options) },
      maxCachedWorkflows: options.maxCachedWorkflows ?? 500,
    }),
    ...(options.deployment !== undefined && {
      workerDeploymentOptions: {
        version: { deploymentName: options.deployment.name, buildId: options.deployment.buildId },
        useWorkerVersioning: true,
        defaultVersioningBehavior: 'AUTO_UPGRADE' as const,
      },
    }),
  });
}

function bundleOf({ bundle }: WorkersOptions): string {
  if (bundle === undefined)
    throw new Error('starting workers: core runs the workflows and needs their bundle');
  return bundle.codePath;
}
