import { readStandingBounds, type StandingBounds } from '../domain/approval/standing.js';
import type { GatewaySigner, PublicKeys } from './grant-keys.js';
import { openSigned } from './signed.js';

/** `typ` of a standing approval's header: a grant is never one, and it is never a grant. */
export const STANDING_TYP = 'curtail-standing+jwt';

/** Signs the bounds of a standing approval for the named person. Only the gateway can. */
export function signStanding(bounds: StandingBounds, signer: GatewaySigner): Promise<string> {
  return signer.sign(STANDING_TYP, { ...bounds });
}

/** Whether the gateway signed exactly these bounds. Their expiry is the caller's to judge. */
export async function verifyStanding(
  jws: string,
  publicKeys: PublicKeys,
): Promise<{ ok: true; bounds: StandingBounds } | { ok: false; reason: string }> {
  const opened = await openSigned(jws, STANDING_TYP, publicKeys);
  if (!opened.ok) return opened;
  const bounds = readStandingBounds(opened.payload);
  return bounds === undefined ? { ok: false, reason: 'its bounds have not the shape' } : { ok: true, bounds };
}
