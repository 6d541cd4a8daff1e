import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** Workflow ids, task queues and search attributes: built here and nowhere else. */

/** Task queues are trust zones; a deployment may give each its own process and credentials. */
export const ZONES = ['core', 'connect', 'think', 'change'] as const;
export type Zone = (typeof ZONES)[number];

/** Name of the worker deployment: every role of a deployment belongs to it. */
export const DEPLOYMENT = 'curtail';

/** Name of a zone's queue; the prefix lets several deployments share a namespace. */
export function taskQueue(prefix: string, zone: Zone): string {
  return prefix === '' ? zone : `${prefix}-${zone}`;
}
/** The queue of `zone` in the deployment whose `core` queue this is. Workflows run on `core` and find the others so. */
export function siblingQueue(coreQueue: string, zone: Zone): string {
  return coreQueue.replace(/core$/, zone);
}

/** `key` is the first 32 hex characters of the SHA-256 of the finding's canonical key. */
export function findingWorkflowId(source: string, key: string): string {
  return `finding/${source}/${key}`;
}
/** The workflow id of a cluster's review. */
export function clusterWorkflowId(key: string): string {
  return `cluster/${key}`;
}
/** Reads what one delivery of a platform named. */
export function hintsWorkflowId(source: string, key: string): string {
  return `hints/${source}/${key}`;
}
/** The workflow id of a source's poll. */
export function ingestWorkflowId(source: string): string {
  return `ingest/${source}`;
}
/** `hash` is the first 32 hex characters of the SHA-256 of the change's id; `n` counts the times it was asked for. */
export function undoWorkflowId(hash: string, n: number): string {
  return `undo/${hash}/${n}`;
}
/** `id` is new for every question. */
export function questionWorkflowId(id: string): string {
  return `question/${id}`;
}
/**
 * A changed draft opens the next round; a reopened finding the next generation. The digest is part of it, so that
 * after a reset the same draft finds its decision again and another draft is asked anew.
 */
export function requestId(workflowId: string, generation: number, round: number, digest: string): string {
  return `${workflowId}#g${generation}r${round}-${digest.slice(0, 12)}`;
}

/** The question to the security team that comes before an owner's, where tickets are released first. */
export function releaseRequestId(requestId: string): string {
  return `${requestId}-release`;
}

/** Ten Keywords at most, three of each other type: what a SQL visibility store offers. */
export const SEARCH_ATTRIBUTES = {
  stage: defineSearchAttributeKey('CurtailStage', SearchAttributeType.KEYWORD),
  severity: defineSearchAttributeKey('Severity', SearchAttributeType.KEYWORD),
  source: defineSearchAttributeKey('Source', SearchAttributeType.KEYWORD),
  account: defineSearchAttributeKey('Account', SearchAttributeType.KEYWORD),
  kind: defineSearchAttributeKey('FindingKind', SearchAttributeType.KEYWORD),
  /** A team, never a person. */
  waitingFor: defineSearchAttributeKey('WaitingFor', SearchAttributeType.KEYWORD),
  outcome: defineSearchAttributeKey('Outcome', SearchAttributeType.KEYWORD),
  decideBy: defineSearchAttributeKey('DecideBy', SearchAttributeType.DATETIME),
  riskScore: defineSearchAttributeKey('RiskScore', SearchAttributeType.INT),
} as const;
