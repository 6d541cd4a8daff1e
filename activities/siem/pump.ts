import { z } from 'zod';
import type { Log } from '../adapter.js';
import type { AuditRow, Ledger } from '../ledger/port.js';
import type { Siem, SiemEvent } from './port.js';

const POSITIONS = 'siem-position';
const LEASES = 'siem-lease';
const BATCH = 500;
/** Batches a run at most, so that a run ends well before its lease does. */
const MAX_BATCHES = 200;
const LEASE_MS = 15 * 60_000;
/** The last moment that a four-digit year can name: a later one would not be a timestamp of RFC 3339. */
const LAST_MS = Date.UTC(9999, 11, 31);

const Position = z.object({ seq: z.number().int().nonnegative() });

/** What a pump carries from and to, and how often it looks. */
export interface PumpOptions {
  ledger: Pick<Ledger, 'auditOf' | 'item' | 'putItem' | 'removeItem' | 'claim'>;
  siem: Siem;
  /** Names the position; two receivers of one kind need two names. */
  id: string;
  now: () => number;
  log: Log;
  /** Rows a batch, 500 when absent. */
  batch?: number;
}

/** What a run did. `busy`: another process is sending to this receiver. */
export type PumpRun = { outcome: 'sent'; sent: number; position: number } | { outcome: 'busy' };

/** Carries every audit row to the SIEM, once and in order, until it is stopped. */
export interface SiemPump {
  /** Sends what is there and not yet sent. @throws Failure of the receiver; what went before it is remembered. */
  run(): Promise<PumpRun>;
  /** Runs every so often until stopped; a failed run is logged and tried again at the next. */
  start(everyMs: number): { stop(): Promise<void> };
}

/**
 * Sends audit rows in the order of their numbers, from the position kept in the ledger. The position moves after the
 * receiver has a batch, so nothing is skipped; a crash in between repeats that batch, which `seq` shows.
 */
export function createSiemPump(options: PumpOptions): SiemPump {
  const { ledger, id, now, log } = options;

  async function run(): Promise<PumpRun> {
    const nowMs = now();
    const mine = await ledger.claim({ bucket: LEASES, key: id, expiresAtMs: nowMs + LEASE_MS, nowMs });
    if (!mine) return { outcome: 'busy' };
    try {
      return await sendAll(options);
    } finally {
      await ledger.removeItem(LEASES, id);
    }
  }
  return {
    run,
    start(everyMs) {
      let timer: NodeJS.Timeout | undefined;
      let stopped = false;
      let running: Promise<void> = Promise.resolve();
      function next(): void {
        if (stopped) return;
        timer = setTimeout(() => {
          running = run()
            .then(() => undefined)
            .catch((error: unknown) => {
              log('warn', 'siem: audit events could not be sent; they wait', { id, error: textOf(error) });
            })
            .finally(next);
        }, everyMs);
        timer.unref();
      }
      next();
      return {
        async stop() {
          stopped = true;
          clearTimeout(timer);
          await running;
        },
      };
    },
  };
}

async function sendAll({ ledger, siem, id, now, batch = BATCH }: PumpOptions): Promise<PumpRun> {
  let position = Position.safeParse(await ledger.item(POSITIONS, id, now())).data?.seq ?? 0;
  let sent = 0;
  for (let i = 0; i < MAX_BATCHES; i += 1) {
    const rows = await ledger.auditOf({ afterSeq: position, limit: batch, withoutBodies: true });
    const last = rows.at(-1);
    if (last === undefined) break;
    await siem.send(rows.map(toSiemEvent));
    position = last.seq;
    sent += rows.length;
    await ledger.putItem({ bucket: POSITIONS, key: id, value: { seq: position } });
    if (rows.length < batch) break;
  }
  return { outcome: 'sent', sent, position };
}

/** An audit row as an event: its number, its hash and its fields, never its body. */
export function toSiemEvent(row: AuditRow): SiemEvent {
  return {
    seq: row.seq,
    stream: row.stream,
    atIso: new Date(Math.min(row.atMs, LAST_MS)).toISOString(),
    type: row.type,
    actor: row.actor,
    ...(row.findingKey !== undefined && { findingKey: row.findingKey }),
    digest: row.hash,
    fields: row.fields,
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
