import { compactVerify, errors } from 'jose';
import { z } from 'zod';
import { MAX_REASON_LENGTH } from '../domain/approval/limits.js';
import type { UndoAsk } from '../domain/approval/undo.js';
import type { GatewaySigner, PublicKeys } from './grant-keys.js';

/** `typ` of an undo's header: it is neither a grant nor a standing approval, and they are never it. */
export const UNDO_TYP = 'curtail-undo+jwt';

const name = z.string().min(1).max(512);
const askSchema: z.ZodType<UndoAsk> = z.strictObject({
  iss: z.literal('curtail-gateway'),
  aud: z.literal('curtail-undo'),
  sub: name,
  iat: z.int().positive(),
  workflowId: name,
  changeId: name,
  reason: z.string().min(1).max(MAX_REASON_LENGTH),
});

/** Signs who asks to undo what. The caller has authenticated the person; only the gateway can. */
export async function signUndoAsk(
  ask: Pick<UndoAsk, 'sub' | 'workflowId' | 'changeId' | 'reason'>,
  signer: GatewaySigner,
  nowMs: number,
): Promise<string> {
  const claims = askSchema.parse({
    ...ask,
    iss: 'curtail-gateway',
    aud: 'curtail-undo',
    iat: Math.floor(nowMs / 1000),
  });
  return signer.sign(UNDO_TYP, { ...claims });
}

/** Whether the gateway signed exactly this ask. Its age is the caller's to judge. */
export async function verifyUndoAsk(
  jws: string,
  publicKeys: PublicKeys,
): Promise<{ ok: true; ask: UndoAsk } | { ok: false; reason: string }> {
  try {
    const { payload } = await compactVerify(
      jws,
      async (header) => {
        if (header?.typ !== UNDO_TYP) throw new errors.JWSInvalid('typ');
        const key = await publicKeys.find(header.kid ?? '');
        if (key === undefined) throw new errors.JWKSNoMatchingKey();
        return key;
      },
      { algorithms: ['EdDSA'] },
    );
    const ask = askSchema.safeParse(JSON.parse(new TextDecoder().decode(payload)));
    return ask.success
      ? { ok: true, ask: ask.data }
      : { ok: false, reason: 'it has not the shape of an ask' };
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof SyntaxError || error instanceof TypeError)
      return { ok: false, reason: 'its signature is not the gateway\u2019s' };
    throw error;
  }
}
