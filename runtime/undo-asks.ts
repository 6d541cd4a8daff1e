import { z } from 'zod';
import { MAX_REASON_LENGTH } from '../domain/approval/limits.js';
import type { UndoAsk } from '../domain/approval/undo.js';
import type { GatewaySigner, PublicKeys } from './grant-keys.js';
import { openSigned } from './signed.js';

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
  const opened = await openSigned(jws, UNDO_TYP, publicKeys);
  if (!opened.ok) return opened;
  const ask = askSchema.safeParse(opened.payload);
  return ask.success ? { ok: true, ask: ask.data } : { ok: false, reason: 'it has not the shape of an ask' };
}
