import type { LoadedConfig } from '../../runtime/config.js';
import { type ClusterAddress, clusterFromEnvironment } from '../../runtime/connection.js';

/** The cluster that the environment or the configuration names; undefined when none does. */
export function namedCluster(
  loaded: LoadedConfig,
  env: Readonly<Record<string, string | undefined>>,
): ClusterAddress | undefined {
  const fromEnvironment = clusterFromEnvironment(env);
  if (fromEnvironment !== undefined) return fromEnvironment;
  const { address, namespace, tls } = loaded.config.temporal;
  return address === undefined ? undefined : { address, namespace, ...(tls !== undefined && { tls }) };
}
