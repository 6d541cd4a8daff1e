import { MAX_GRANT_LENGTH } from '../../domain/approval/grant.js';
import { isRecord } from '../../domain/json.js';
import { OUTCOMES, type Outcome } from '../../domain/lifecycle/stage.js';
import type { ClusterMember } from '../cluster-review/messages.js';

/**
 * Readers of what comes from outside. They never throw: a message without a usable shape is `undefined`, is counted
 * by the caller, and the finding goes on.
 */

/** `{ grant }` of bounded length, or undefined. */
export function readOffer(message: unknown): { grant: string } | undefined {
  if (!isRecord(message) || typeof message['grant'] !== 'string') return undefined;
  const grant = message['grant'];
  return grant.length > 0 && grant.length <= MAX_GRANT_LENGTH ? { grant } : undefined;
}

/** A `settled` message, or undefined where it has another shape. */
export function readSettled(
  message: unknown,
): { clusterId: string; outcome: Outcome; note: string } | undefined {
  if (!isRecord(message)) return undefined;
  const { clusterId, outcome, note } = message;
  if (typeof clusterId !== 'string' || typeof note !== 'string') return undefined;
  const known = OUTCOMES.find((candidate) => candidate === outcome);
  return known === undefined ? undefined : { clusterId, outcome: known, note: note.slice(0, 500) };
}

const MAX_MEMBERS = 1_000;

/** A list of joining members, or undefined where it has another shape. */
export function readMembers(message: unknown): readonly ClusterMember[] | undefined {
  if (!isRecord(message) || !Array.isArray(message['members']) || message['members'].length > MAX_MEMBERS)
    return undefined;
  const members: ClusterMember[] = [];
  for (const item of message['members'] as unknown[]) {
    if (!isRecord(item)) return undefined;
    const { key, workflowId, subject } = item;
    if (!isShort(key) || !isShort(workflowId) || !isShort(subject)) return undefined;
    members.push({ key, workflowId, subject });
  }
  return members;
}

/** Longest id or ARN that is taken: AWS's own ARNs have at most 2,048 characters. */
const MAX_NAME_LENGTH = 2_048;

function isShort(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_NAME_LENGTH;
}
