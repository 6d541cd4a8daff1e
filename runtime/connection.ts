import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection, type TLSConfig } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import proto from '@temporalio/proto';
import { NativeConnection } from '@temporalio/worker';
import { SEARCH_ATTRIBUTES } from '../workflows/naming.js';

const { temporal } = proto;

/** Where the cluster is. From the configuration, or from Temporal's own `TEMPORAL_*` variables and `temporal.toml`. */
export interface ClusterAddress {
  address: string;
  namespace: string;
  /** True, or certificates of our own for mutual TLS. */
  tls?: boolean | TLSConfig;
  apiKey?: string;
}

/** What Temporal's standard environment names, if it names anything. */
export function clusterFromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): ClusterAddress | undefined {
  if (env['TEMPORAL_ADDRESS'] === undefined || env['TEMPORAL_ADDRESS'] === '') return undefined;
  const { connectionOptions, namespace } = loadClientConnectConfig();
  return {
    address: connectionOptions.address ?? env['TEMPORAL_ADDRESS'],
    namespace: namespace ?? 'default',
    ...(connectionOptions.tls !== undefined &&
      connectionOptions.tls !== null && { tls: connectionOptions.tls }),
    ...(typeof connectionOptions.apiKey === 'string' && { apiKey: connectionOptions.apiKey }),
  };
}

export async function connectClient(cluster: ClusterAddress, dataConverter?: DataConverter): Promise<Client> {
  const connection = await Connection.connect(connectOptions(cluster));
  return new Client({
    connection,
    namespace: cluster.namespace,
    ...(dataConverter !== undefined && { dataConverter }),
  });
}

export async function connectWorker(cluster: ClusterAddress): Promise<NativeConnection> {
  return NativeConnection.connect(connectOptions(cluster));
}

function connectOptions(cluster: ClusterAddress) {
  return {
    address: cluster.address,
    ...(cluster.tls !== undefined && cluster.tls !== false && { tls: cluster.tls }),
    ...(cluster.apiKey !== undefined && { apiKey: cluster.apiKey }),
  };
}

/** What a namespace lacks; each is one command for an administrator. */
export interface NamespaceGaps {
  missingSearchAttributes: readonly string[];
}

/**
 * Registers our search attributes and sets the retention. On a cluster where that is not ours to do, nothing is
 * changed and the gaps are returned, so that the commands can be printed.
 */
export async function prepareNamespace(client: Client, retentionDays: number): Promise<NamespaceGaps> {
  const { connection } = client;
  const { namespace } = client.options;
  const listed = await connection.operatorService.listSearchAttributes({ namespace });
  const known = new Set(Object.keys(listed.customAttributes ?? {}));
  const missing = Object.values(SEARCH_ATTRIBUTES).filter((attribute) => !known.has(attribute.name));
  try {
    if (missing.length > 0) {
      const searchAttributes = Object.fromEntries(
        missing.map((attribute) => [attribute.name, indexedType(attribute.type)]),
      );
      await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
      await untilListed(
        client,
        missing.map((attribute) => attribute.name),
      );
    }
    await connection.workflowService.updateNamespace({
      namespace,
      config: { workflowExecutionRetentionTtl: { seconds: (retentionDays * 86_400) as never } },
    });
    return { missingSearchAttributes: [] };
  } catch (error) {
    if (!isPermissionError(error)) throw error;
    return { missingSearchAttributes: missing.map((attribute) => `${attribute.name}=${attribute.type}`) };
  }
}

async function untilListed(client: Client, names: readonly string[]): Promise<void> {
  const { namespace } = client.options;
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const listed = await client.connection.operatorService.listSearchAttributes({ namespace });
    if (names.every((name) => Object.hasOwn(listed.customAttributes ?? {}, name))) return;
    await delay(200);
  }
  throw new Error('registering search attributes: the server does not list them; start again');
}

function indexedType(type: string): proto.temporal.api.enums.v1.IndexedValueType {
  const { IndexedValueType } = temporal.api.enums.v1;
  if (type === 'INT') return IndexedValueType.INDEXED_VALUE_TYPE_INT;
  if (type === 'DATETIME') return IndexedValueType.INDEXED_VALUE_TYPE_DATETIME;
  return IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD;
}

/** gRPC status 7 is PERMISSION_DENIED, 12 UNIMPLEMENTED (Temporal Cloud's operator service). */
function isPermissionError(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return code === 7 || code === 12;
}
