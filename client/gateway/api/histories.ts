import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { AuditRow } from '../../../activities/ledger/port.js';
import type { Json } from '../../../domain/json.js';
import type { Gateway } from '../kit.js';
import { notFound } from '../page-error.js';
import { parsed } from './parse.js';

/** A run whose history was archived. */
export interface ArchivedRun {
  workflowId: string;
  runId: string;
  /** SHA-256 of the history's canonical JSON, as the audit chain has it. */
  digest: string;
  archivedAtMs: number;
}

const ofFinding = z.object({ key: z.string().max(100) });
const ofRun = ofFinding.extend({ runId: z.string().max(100) });

/** Archived histories: of a finding's own runs, and of the cluster that it shares a fix with. */
export function registerHistoryApi(app: FastifyInstance, gateway: Gateway): void {
  app.get('/findings/:key/histories', async (request) => ({
    runs: await runsOf(gateway, parsed(ofFinding, request.params).key),
  }));

  app.get(
    '/findings/:key/histories/:runId',
    async (request): Promise<{ run: ArchivedRun; history: Json }> => {
      const { key, runId } = parsed(ofRun, request.params);
      const run = (await runsOf(gateway, key)).find((each) => each.runId === runId);
      const history = run === undefined ? undefined : await gateway.ledger.evidence(run.digest);
      if (run === undefined || history === undefined) throw notFound('history');
      return { run, history };
    },
  );
}

async function runsOf({ ledger }: Gateway, key: string): Promise<readonly ArchivedRun[]> {
  const row = await ledger.finding(key);
  if (row === undefined) throw notFound('finding');
  const streams = [`finding/${key}`, ...(row.clusterId === undefined ? [] : [row.clusterId])];
  const rows = await Promise.all(streams.map((stream) => ledger.auditOf({ stream, withoutBodies: true })));
  return rows.flat().flatMap(toRun);
}

function toRun(row: AuditRow): readonly ArchivedRun[] {
  const { runId, history } = row.fields;
  if (row.type !== 'history.archived' || typeof runId !== 'string' || typeof history !== 'string') return [];
  return [{ workflowId: row.workflowId ?? '', runId, digest: history, archivedAtMs: row.atMs }];
}
