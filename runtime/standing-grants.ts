import { compactVerify, errors } from 'jose';
import { readStandingBounds, type StandingBounds } from '../domain/approval/standing.js';
import type { GatewaySigner, PublicKeys } from './grant-keys.js';

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
  try {
    const { payload } = await compactVerify(
      jws,
      async (header) => {
        if (header?.typ !== STANDING_TYP) throw new errors.JWSInvalid('typ');
        const key = await publicKeys.find(header.kid ?? '');
        if (key === undefined) throw new errors.JWKSNoMatchingKey();
        return key;
      },
      { algorithms: ['EdDSA'] },
    );
    const bounds = readStandingBounds(JSON.parse(new TextDecoder().decode(payload)));
    return bounds === undefined
      ? { ok: false, reason: 'its bounds have not the shape' }
      : { ok: true, bounds };
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof SyntaxError || error instanceof TypeError) {
      return { ok: false, reason: 'its signature is not the gateway\u2019s' };
    }
    throw error;
  }
}
