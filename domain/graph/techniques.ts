import type { Technique } from './technique.js';
import { ANALYTICS_TECHNIQUES } from './techniques-analytics.js';
import { COMPUTE_TECHNIQUES } from './techniques-compute.js';
import { IDENTITY_TECHNIQUES } from './techniques-identity.js';

/**
 * The 65 known privilege-escalation techniques: 16 existing-passrole, 27 new-passrole, 14 principal-access,
 * 8 self-escalation. Ids, categories and permissions are facts of the pathfinding.cloud catalogue (Apache-2.0,
 * version 84dd65c97fc2); what each permission is authorised on comes from AWS's service authorisation reference.
 */
export const TECHNIQUES: readonly Technique[] = [
  ...COMPUTE_TECHNIQUES,
  ...ANALYTICS_TECHNIQUES,
  ...IDENTITY_TECHNIQUES,
];

const BY_ID: ReadonlyMap<string, Technique> = new Map(
  TECHNIQUES.map((technique) => [technique.id, technique]),
);

/** A technique by its id; undefined for `assume-role`, which needs no permission, and for unknown ids. */
export function techniqueById(id: string): Technique | undefined {
  return BY_ID.get(id);
}
