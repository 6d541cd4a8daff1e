import { z } from 'zod';
import { Failure, FailureType } from '../../domain/failure.js';
import { Secret } from '../../runtime/secret.js';
import type { SecretStore } from '../../runtime/secrets.js';

/** HashiCorp Vault, KV secrets engine version 2 (developer.hashicorp.com, "KV v2 API", read secret version). */
export interface VaultConfig {
  address: string;
  token: Secret;
  /** Where the engine is mounted. */
  mount: string;
  namespace?: string;
  timeoutMs?: number;
}

const Answer = z.object({ data: z.object({ data: z.record(z.string(), z.unknown()) }) });

/** `vault:path#key`: one member of a secret. */
export function vaultSecrets(config: VaultConfig, fetch: typeof globalThis.fetch): SecretStore {
  return {
    read: async (rest) => {
      const hash = rest.lastIndexOf('#');
      const path = rest.slice(0, hash);
      const key = rest.slice(hash + 1);
      if (hash < 1 || key === '') throw new Error('reading a secret from Vault: write vault:path#key');
      const members = await readMembers(config, fetch, path);
      const value = Object.hasOwn(members, key) ? members[key] : undefined;
      if (typeof value !== 'string')
        throw new Failure(FailureType.NotFound, `vault: reading ${path}: there is no text under ${key}`);
      return new Secret(value);
    },
  };
}

async function readMembers(
  config: VaultConfig,
  fetch: typeof globalThis.fetch,
  path: string,
): Promise<Record<string, unknown>> {
  const doing = `vault: reading ${path}`;
  const steps = path.split('/').filter((step) => step !== '');
  if (steps.some((step) => step === '.' || step === '..'))
    throw new Failure(FailureType.InvalidInput, `${doing}: a path has no dots as steps`);
  const url = `${config.address.replace(/\/+$/, '')}/v1/${config.mount}/data/${steps.map(encodeURIComponent).join('/')}`;
  const response = await ask(fetch, url, config, doing);
  const failed = failureOf(response.status, doing);
  if (failed !== undefined) throw failed;
  const answer = Answer.safeParse(await response.json().catch(() => undefined));
  if (!answer.success)
    throw new Failure(
      FailureType.VendorShape,
      `${doing}: the answer is not that of KV version 2; check the mount`,
    );
  return answer.data.data.data;
}

async function ask(
  fetch: typeof globalThis.fetch,
  url: string,
  config: VaultConfig,
  doing: string,
): Promise<Response> {
  try {
    return await fetch(url, {
      headers: {
        'x-vault-token': config.token.reveal(),
        'x-vault-request': 'true',
        ...(config.namespace !== undefined && { 'x-vault-namespace': config.namespace }),
      },
      redirect: 'error',
      signal: AbortSignal.timeout(config.timeoutMs ?? 10_000),
    });
  } catch (cause) {
    throw new Failure(FailureType.VendorUnavailable, `${doing}: no answer from ${config.address}`, { cause });
  }
}

function failureOf(status: number, doing: string): Failure | undefined {
  if (status === 200) return undefined;
  const message = `${doing}: HTTP ${status}`;
  if (status === 401 || status === 403) return new Failure(FailureType.VendorAuth, message);
  if (status === 404) return new Failure(FailureType.NotFound, message);
  if (status === 429) return new Failure(FailureType.VendorThrottled, message);
  if (status >= 500) return new Failure(FailureType.VendorUnavailable, message);
  return new Failure(FailureType.VendorRejected, message);
}
