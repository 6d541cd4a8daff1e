import { openSecrets } from '../../activities/secrets/registry.js';
import type { LoadedConfig } from '../../runtime/config.js';
import {
  type ClusterAddress,
  clusterFromEnvironment,
  connectClient,
  prepareNamespace,
} from '../../runtime/connection.js';

/** The cluster that the environment or the configuration names; undefined when none does. */
export async function namedCluster(
  loaded: LoadedConfig,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ClusterAddress | undefined> {
  const fromEnvironment = clusterFromEnvironment(env);
  if (fromEnvironment !== undefined) return fromEnvironment;
  const { temporal, secrets } = loaded.config;
  const { address, namespace, tls, apiKey } = temporal;
  if (address === undefined) return undefined;
  if (apiKey === undefined) return { address, namespace, ...(tls !== undefined && { tls }) };
  const resolve = await openSecrets({ config: secrets, folder: loaded.baseFolder, env, fetch });
  // A key is never sent in the clear: TLS unless it was turned off by name.
  return { address, namespace, tls: tls ?? true, apiKey: (await resolve(apiKey)).reveal() };
}

/** Registers what our workflows need in the namespace, or says which commands an administrator must run. */
export async function prepareCluster(
  cluster: ClusterAddress,
  retentionDays: number,
  warn: (line: string) => void,
): Promise<void> {
  const client = await connectClient(cluster);
  try {
    const { missingSearchAttributes } = await prepareNamespace(client, retentionDays);
    for (const missing of missingSearchAttributes) {
      warn(
        `an administrator must run: temporal operator search-attribute create --name ${missing.replace('=', ' --type ')}`,
      );
    }
  } finally {
    await client.connection.close();
  }
}
