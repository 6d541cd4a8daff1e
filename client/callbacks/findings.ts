import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { FindingHint } from '../../activities/cnapp/port.js';
import type { Secret } from '../../runtime/secret.js';
import type { Parcel } from '../gateway/callback-inbox.js';
import { anyCheck, basicAuth, everyCheck, type SignatureCheck, secretHeader } from '../gateway/signatures.js';
import type { KeptDelivery, WebhookRoute } from '../gateway/webhooks.js';

/** How the sender of a platform's notifications is known. No platform signs them. */
export interface SenderProof {
  /** Header that carries a secret, and the scheme before it. */
  header: string;
  scheme?: string;
  /** Any of these: two while one is replaced. */
  secrets: readonly Secret[];
  basic?: { user: string; password: Secret };
  /** The address itself ends with a secret, for senders that can bring no header. */
  hasSecretAddress: boolean;
  /** What a proxy that ended mutual TLS says about the client's certificate. */
  clientCertificate?: { header: string; value: Secret };
}

/** Reads the named findings from the platform and takes them in. */
export type TakeInHinted = (delivery: { key: string; hints: readonly FindingHint[] }) => Promise<void>;

const Content = z.object({
  hints: z.array(z.object({ sourceId: z.string().min(1).max(512), kind: z.string().max(50) })).max(1_000),
});
const MAX_BYTES = 2 * 1024 * 1024;
/** The same words within this time are one delivery; later they may mean something new, and are read again. */
const SAME_MS = 60_000;
const REMEMBER_MS = 24 * 3_600_000;

/** Every proof that is configured must hold; of several secrets one is enough. @throws Error when nothing would be proved */
export function senderCheck(proof: SenderProof): SignatureCheck {
  const { header, scheme, secrets, basic, clientCertificate, hasSecretAddress } = proof;
  if (secrets.length === 0 && basic === undefined && !hasSecretAddress)
    throw new Error(
      'a webhook needs a secret, basic authentication or a secret address; no platform signs what it sends',
    );
  return everyCheck([
    ...(hasSecretAddress ? [() => undefined] : []),
    ...(secrets.length === 0
      ? []
      : [
          anyCheck(
            secrets.map((secret) =>
              secretHeader({ secret, header, ...(scheme !== undefined && { scheme }) }),
            ),
          ),
        ]),
    ...(basic === undefined ? [] : [basicAuth(basic)]),
    ...(clientCertificate === undefined
      ? []
      : [secretHeader({ secret: clientCertificate.value, header: clientCertificate.header })]),
  ]);
}

/**
 * A door for a platform's notifications. All that is taken from one is which findings to read again; it is kept in the
 * ledger before the sender is answered, so that a cluster or a platform that is away loses none.
 */
export function findingCallbacks(options: {
  /** Name of the configured source. */
  source: string;
  /** Where it is, below `/webhooks`. */
  path: string;
  verify: SignatureCheck;
  hintsOf: (payload: unknown) => readonly FindingHint[];
  takeIn: TakeInHinted;
}): WebhookRoute {
  const { source, path, verify, hintsOf, takeIn } = options;
  return {
    name: `findings-${source}`,
    path,
    contentTypes: ['application/json'],
    maxBytes: MAX_BYTES,
    verify,
    rememberMs: REMEMBER_MS,
    keep: ({ payload, receivedAtMs }): KeptDelivery => {
      const hints = hintsOf(payload).map(({ sourceId, kind }) => ({ sourceId, kind }));
      if (hints.length === 0) return { reply: { status: 202, body: { findings: 0 } } };
      const ids = createHash('sha256').update(JSON.stringify(hints)).digest('hex').slice(0, 32);
      return {
        content: { hints },
        key: `${Math.floor(receivedAtMs / SAME_MS)}-${ids}`,
        reply: { status: 202, body: { findings: hints.length } },
      };
    },
    deliver: async ({ key, content }: Parcel) => {
      await takeIn({ key, hints: Content.parse(content).hints });
      return 'done';
    },
  };
}
