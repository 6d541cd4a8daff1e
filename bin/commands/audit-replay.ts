import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { openSecrets } from '../../activities/secrets/registry.js';
import { configurationOf, stateOf } from '../../client/cli/api.js';
import { api, findFinding } from '../../client/cli/commands/findings.js';
import type { OperationOptions } from '../../client/cli/operations.js';
import { printJson, printTable } from '../../client/cli/print.js';
import type { ArchivedRun } from '../../client/gateway/api/histories.js';
import { canonicalJson, type Json } from '../../domain/json.js';
import { loadConfig } from '../../runtime/config.js';
import { workflowBundle } from '../../workers/bundle.js';
import { type Replayed, replayHistory } from '../../workers/replay.js';
import { payloadConverter } from '../compose/codec.js';
import { quietSdk } from '../compose/quiet-sdk.js';

type Options = OperationOptions & Record<string, unknown>;

/**
 * `curtail audit replay <finding>`: runs what the archive kept of a finding through the workflows again. Exit 1 when a
 * history is not the one in the audit chain, leads elsewhere, or none was archived.
 */
export async function replay(given: string, options: Options): Promise<0 | 1> {
  const client = api(options);
  const { key } = await findFinding(client, given);
  const { runs } = await client.get<{ runs: readonly ArchivedRun[] }>(`/findings/${key}/histories`);
  if (runs.length === 0) {
    console.error(
      'nothing of it is archived yet: runs are archived every six hours once they have ended; ' +
        'at once: temporal schedule trigger --schedule-id curtail-archive',
    );
    return 1;
  }
  await quietSdk();
  const results = [];
  for (const run of runs) {
    const { history } = await client.get<{ history: Json }>(`/findings/${key}/histories/${run.runId}`);
    results.push({ ...run, ...(await replayed(run, history, options)) });
  }
  if (options.json === true) printJson(results);
  else
    printTable(
      ['WORKFLOW', 'RUN', 'EVENTS', ''],
      results.map((line) => [
        line.workflowId,
        line.runId,
        String(line.events),
        line.ok ? 'replays, and is the one in the chain' : `FAULT: ${line.reason}`,
      ]),
    );
  return results.every(({ ok }) => ok) ? 0 : 1;
}

async function replayed(run: ArchivedRun, history: Json, options: Options): Promise<Replayed> {
  const digest = createHash('sha256').update(canonicalJson(history)).digest('hex');
  if (digest !== run.digest)
    return { ok: false, events: 0, reason: 'this is not the history whose digest is in the audit chain' };
  const loaded = loadConfig(configurationOf(options));
  const resolve = await openSecrets({
    config: loaded.config.secrets,
    folder: loaded.baseFolder,
    env: process.env,
    fetch,
  });
  const dataConverter = await payloadConverter(loaded.config.temporal.codec, resolve);
  const { folder } = stateOf({ ...options, cwd: process.cwd() });
  const bundle = await workflowBundle(join(folder, 'bundle'));
  return replayHistory(history, {
    workflowId: run.workflowId,
    bundle,
    ...(dataConverter !== undefined && { dataConverter }),
  });
}
