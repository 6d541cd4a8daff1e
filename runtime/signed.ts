import { compactVerify, errors } from 'jose';
import type { PublicKeys } from './grant-keys.js';

/** What a signature of the gateway covers, or that it is none of its. */
export type Opened = { ok: true; payload: unknown } | { ok: false; reason: string };

/**
 * Opens a compact JWS (EdDSA) of the gateway. `typ` keeps one kind of signature from passing for another. The payload's
 * shape is the caller's to judge.
 */
export async function openSigned(jws: string, typ: string, publicKeys: PublicKeys): Promise<Opened> {
  try {
    const { payload } = await compactVerify(
      jws,
      async (header) => {
        if (header?.typ !== typ) throw new errors.JWSInvalid('typ');
        const key = await publicKeys.find(header.kid ?? '');
        if (key === undefined) throw new errors.JWKSNoMatchingKey();
        return key;
      },
      { algorithms: ['EdDSA'] },
    );
    return { ok: true, payload: JSON.parse(new TextDecoder().decode(payload)) as unknown };
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof SyntaxError || error instanceof TypeError)
      return { ok: false, reason: 'its signature is not the gateway\u2019s' };
    throw error;
  }
}
