import { findingCallbacks, type SenderProof, senderCheck } from '../../client/callbacks/findings.js';
import { findingsWebhook, type WebhookRoute } from '../../client/gateway/webhooks.js';
import type { Config } from '../../runtime/config/schema.js';
import type { Secret } from '../../runtime/secret.js';
import type { CallbackSources } from './callbacks.js';
import { createIntake } from './intake.js';

/** Names of sources stand in addresses. */
const IN_ADDRESS = /^[A-Za-z0-9._-]{1,100}$/;

/** Doors for the notifications of every enabled source that has a `webhook`. @throws Error naming the source that can have none */
export async function openFindingDoors(parts: CallbackSources): Promise<readonly WebhookRoute[]> {
  const doors: WebhookRoute[] = [];
  for (const section of parts.loaded.config.sources) {
    if (!section.enabled || section.webhook === undefined) continue;
    if (!IN_ADDRESS.test(section.name))
      throw new Error(
        `source ${section.name}: its webhook's address ends with its name; use letters, digits, . _ or -`,
      );
    const verify = senderCheck(await proofOf(section.webhook, parts.resolveSecret));
    const path = await pathOf(section.name, section.webhook.addressSecret, parts.resolveSecret);
    doors.push(doorOf(parts, { name: section.name, path, verify }));
  }
  return doors;
}

/** A platform names findings, which are read again; a plain payload is the finding. */
function doorOf(
  { ports, readHinted }: CallbackSources,
  door: { name: string; path: string; verify: ReturnType<typeof senderCheck> },
): WebhookRoute {
  const { name, path, verify } = door;
  const source = ports.sources.get(name);
  if (source === undefined || source.traits.notifications === 'none')
    throw new Error(`source ${name}: it is read from files, and files send no notifications: remove webhook`);
  if (source.traits.notifications === 'findings')
    return findingsWebhook({ source: 'generic', name, path, verify, intake: createIntake(ports) });
  return findingCallbacks({
    source: name,
    path,
    verify,
    hintsOf: (payload) => source.parseWebhook?.(payload) ?? [],
    takeIn: (delivery) => readHinted({ source: name, ...delivery }),
  });
}

/** @throws Error when a secret is too short to stand in an address, or cannot */
async function pathOf(
  name: string,
  reference: string | undefined,
  resolve: (reference: string) => Promise<Secret>,
): Promise<string> {
  if (reference === undefined) return `/findings/${name}`;
  const secret = (await resolve(reference)).reveal();
  if (!/^[A-Za-z0-9_-]{32,200}$/.test(secret))
    throw new Error(
      `source ${name}: webhook.addressSecret must have 32 letters, digits, _ or - at least: openssl rand -hex 32`,
    );
  return `/findings/${name}/${secret}`;
}

async function proofOf(
  webhook: NonNullable<Config['sources'][number]['webhook']>,
  resolve: (reference: string) => Promise<Secret>,
): Promise<SenderProof> {
  const { header, scheme, secrets, basic, clientCertificate, addressSecret } = webhook;
  return {
    header,
    hasSecretAddress: addressSecret !== undefined,
    secrets: await Promise.all(secrets.map(resolve)),
    ...(scheme !== undefined && { scheme }),
    ...(basic !== undefined && {
      basic: { user: basic.user, password: await resolve(basic.password) },
    }),
    ...(clientCertificate !== undefined && {
      clientCertificate: {
        header: clientCertificate.header,
        value: await resolve(clientCertificate.value),
      },
    }),
  };
}
