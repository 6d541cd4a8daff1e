import type { Config } from '../../runtime/config/schema.js';
import { type SecretResolver, type SecretStore, secretResolver } from '../../runtime/secrets.js';
import { environmentSecrets } from './environment.js';
import { fileSecrets } from './file.js';
import { vaultSecrets } from './vault.js';

/** What the stores need of the process. */
export interface SecretsFrom {
  config: Config['secrets'];
  /** Folder that relative paths of `file:` start from. */
  folder: string;
  env: Readonly<Record<string, string | undefined>>;
  fetch: typeof globalThis.fetch;
}

/**
 * The resolver of a process: `env:` and `file:` always, `vault:` when it is configured. Vault's own token comes from
 * one of the first two.
 */
export async function openSecrets({ config, folder, env, fetch }: SecretsFrom): Promise<SecretResolver> {
  const stores = new Map<string, SecretStore>([
    ['env', environmentSecrets(env)],
    ['file', fileSecrets(folder)],
  ]);
  if (config.vault === undefined) return secretResolver(stores);
  const { address, mount, namespace } = config.vault;
  const token = await secretResolver(stores)(config.vault.token);
  stores.set(
    'vault',
    vaultSecrets({ address, token, mount, ...(namespace !== undefined && { namespace }) }, fetch),
  );
  return secretResolver(stores);
}
