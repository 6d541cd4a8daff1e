import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { MAX_REASON_LENGTH } from '../../../domain/approval/limits.js';
import { OUTCOMES, STAGES } from '../../../domain/lifecycle/stage.js';
import type { Gateway } from '../kit.js';
import { notFound, PageError } from '../page-error.js';
import { COMMANDS, runCommand } from '../pages/commands.js';
import { seenFinding } from '../pages/findings.js';
import { askUndo } from '../undo.js';
import { parsed } from './parse.js';

const key = z.string().min(1).max(512);
const keyParams = z.object({ key });
const whole = z.coerce.number().int().min(0);
const listQuery = z.object({
  stage: z.enum(STAGES).optional(),
  outcome: z.enum(OUTCOMES).optional(),
  source: z.string().max(64).optional(),
  account: z.string().max(256).optional(),
  kind: z.string().max(64).optional(),
  text: z.string().max(200).optional(),
  cluster: z.string().max(512).optional(),
  live: z.enum(['true', 'false']).optional(),
  limit: whole.max(10_000).default(100),
  offset: whole.default(0),
});
const watchQuery = z.object({
  afterSeq: whole.default(0),
  findingKey: key.optional(),
  waitMs: whole.max(30_000).default(20_000),
});
const commandBody = z.object({ actor: z.string().min(1).max(256).default('cli') }).default({ actor: 'cli' });

const undoBody = z.object({
  session: z.string().max(64),
  reason: z.string().trim().min(1).max(MAX_REASON_LENGTH),
  change: key.optional(),
});

const WATCH_EVERY_MS = 500;
const WATCH_ROWS = 200;
const CALLS = 500;

/** Findings and counts. */
export function registerFindingApi(app: FastifyInstance, { ledger }: Gateway): void {
  app.get('/findings', async (request) => {
    const query = parsed(listQuery, request.query);
    const { stage, outcome, cluster, live, limit, offset } = query;
    const findings = await ledger.findings({
      limit,
      offset,
      ...(stage !== undefined && { stages: [stage] }),
      ...(outcome !== undefined && { outcomes: [outcome] }),
      ...(cluster !== undefined && { clusterId: cluster }),
      ...(live === 'true' && { live: true }),
      ...textFilters(query),
    });
    return { findings };
  });

  app.get('/findings/:key', async (request) => {
    const finding = await ledger.finding(parsed(keyParams, request.params).key);
    if (finding === undefined) throw notFound('finding');
    const findingKey = finding.key;
    const [requests, changes, audit] = await Promise.all([
      ledger.requests({ findingKey }),
      ledger.changes({ findingKey }),
      ledger.auditOf({ findingKey }),
    ]);
    return { finding, requests, changes, audit };
  });

  app.get('/findings/:key/calls', async (request) => {
    const row = await ledger.finding(parsed(keyParams, request.params).key);
    if (row === undefined) throw notFound('finding');
    const { source: platform, sourceId } = row.finding;
    return { calls: await ledger.platformCalls({ platform, sourceId, limit: CALLS }) };
  });

  app.get('/counts', async () => ledger.counts());
}

/** What happens next: answers with the audit rows after a position, waiting a while for the first. */
export function registerWatchApi(app: FastifyInstance, { ledger }: Gateway): void {
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  app.get('/watch', async (request) => {
    const { afterSeq, findingKey, waitMs } = parsed(watchQuery, request.query);
    const filter = { afterSeq, limit: WATCH_ROWS, ...(findingKey !== undefined && { findingKey }) };
    for (let waitedMs = 0; ; waitedMs += WATCH_EVERY_MS) {
      const rows = await ledger.auditOf(filter);
      if (rows.length > 0 || waitedMs >= waitMs || closing || request.raw.destroyed) {
        return { rows, afterSeq: rows.at(-1)?.seq ?? afterSeq };
      }
      await pause(WATCH_EVERY_MS);
    }
  });
}

/** Asks to undo what was applied, in the name of a person who signed in. */
export function registerUndoApi(app: FastifyInstance, gateway: Gateway): void {
  app.post('/findings/:key/undo', async (request) => {
    const body = parsed(undoBody, request.body);
    const session = await gateway.sessions.find(body.session);
    if (session === undefined)
      throw new PageError(401, 'Not signed in', 'The sign-in is over; sign in again.');
    const row = await seenFinding(gateway, session.person, parsed(keyParams, request.params).key);
    return askUndo(gateway, session.person, row, {
      reason: body.reason,
      ...(body.change !== undefined && { changeId: body.change }),
    });
  });
}

/** An operator's commands about one finding. */
export function registerCommandApi(app: FastifyInstance, gateway: Gateway): void {
  for (const command of COMMANDS) {
    app.post(`/findings/:key/${command}`, async (request) => {
      const { actor } = parsed(commandBody, request.body ?? undefined);
      const row = await gateway.ledger.finding(parsed(keyParams, request.params).key);
      if (row === undefined) throw notFound('finding');
      return runCommand(gateway, command, row, actor);
    });
  }
}

type ListQuery = z.output<typeof listQuery>;
function textFilters({
  source,
  account,
  kind,
  text,
}: ListQuery): Partial<Record<'source' | 'account' | 'kind' | 'text', string>> {
  return {
    ...(source !== undefined && { source }),
    ...(account !== undefined && { account }),
    ...(kind !== undefined && { kind }),
    ...(text !== undefined && { text }),
  };
}
