import type { Log } from '../../activities/adapter.js';
import { isRecord, type Json } from '../../domain/json.js';
import type { GatewaySigner } from '../../runtime/grant-keys.js';
import type { GatewayLedger } from './deps.js';
import type { Metrics } from './metrics.js';
import type { WebhookRoute } from './webhooks.js';

/** Something that a sender was told is taken, and that is still to be done. */
export interface Parcel {
  /** The delivery's name; the same delivery is the same parcel. */
  key: string;
  content: Json;
  receivedAtMs: number;
}
/** Takes parcels before their senders are answered, and delivers each once: at once where that is possible, later otherwise. */
export interface CallbackInbox {
  /** False when it was taken before. */
  take(route: WebhookRoute, parcel: Parcel): Promise<boolean>;
  /** Tries everything that waits and whose time has come, as it also does every few seconds. */
  wake(): void;
  /** Resolves when what has begun has ended; nothing begins any more. */
  close(): Promise<void>;
}

interface InboxDeps {
  ledger: Pick<GatewayLedger, 'claim' | 'held' | 'putItem'>;
  signer: GatewaySigner;
  routes: readonly WebhookRoute[];
  metrics: Metrics;
  now: () => number;
  log: Log;
}

/** What waits for a cluster that is away is worth delivering for this long; after that the request itself has expired. */
const KEEP_MS = 7 * 24 * 3_600_000;
const SWEEP_MS = 5_000;
const BATCH = 100;
/** Parcels that are delivered side by side. */
const AT_ONCE = 8;
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 5 * 60_000;
/** A parcel is no grant, and no grant is a parcel. */
const PARCEL_TYP = 'curtail-parcel+jwt';

/**
 * Callbacks that were taken live in the ledger until they are delivered: neither a crash nor a cluster that is away loses one.
 * Each is sealed by the gateway's key, so that whoever can write the ledger cannot make up a person's click. Ed25519
 * signatures are deterministic (RFC 8032), so a seal is checked by making it again.
 */
export function openInbox(deps: InboxDeps): CallbackInbox {
  const running = new Map<string, Promise<void>>();
  const waits = new Map<string, { untilMs: number; tries: number }>();
  let closed = false;
  let crowded = false;

  const seal = (route: string, { key, content, receivedAtMs }: Parcel) =>
    deps.signer.sign(PARCEL_TYP, { route, key, content, receivedAtMs });
  const done = (route: WebhookRoute, parcel: Pick<Parcel, 'key' | 'receivedAtMs'>) =>
    deps.ledger.putItem({
      bucket: bucketOf(route),
      key: parcel.key,
      value: true,
      expiresAtMs: parcel.receivedAtMs + Math.max(route.rememberMs, KEEP_MS),
    });

  async function deliver(route: WebhookRoute, parcel: Parcel): Promise<void> {
    const name = `${route.name}/${parcel.key}`;
    try {
      const outcome = (await route.deliver?.(parcel)) ?? 'done';
      if (outcome === 'later') return postpone(name, route, 'not now');
      await done(route, parcel);
      waits.delete(name);
      deps.metrics.webhook(route.name, 'delivered');
    } catch (error) {
      postpone(name, route, error instanceof Error ? error.message : 'unknown');
    }
  }

  function postpone(name: string, route: WebhookRoute, reason: string): void {
    const tries = (waits.get(name)?.tries ?? 0) + 1;
    const waitMs = Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), LONGEST_WAIT_MS);
    waits.set(name, { untilMs: deps.now() + waitMs, tries });
    deps.metrics.webhook(route.name, 'postponed');
    deps.log('warn', 'delivering a callback: it is kept and tried again', {
      route: route.name,
      tries,
      reason: reason.slice(0, 300),
    });
  }

  function start(route: WebhookRoute, parcel: Parcel): void {
    const name = `${route.name}/${parcel.key}`;
    if (closed || running.has(name)) return;
    if (running.size >= AT_ONCE) {
      crowded = true;
      return;
    }
    running.set(
      name,
      deliver(route, parcel).finally(() => {
        running.delete(name);
        // What found no place is looked for as soon as there is some.
        if (crowded && running.size === 0) wake();
      }),
    );
  }

  async function sweepRoute(route: WebhookRoute): Promise<void> {
    const nowMs = deps.now();
    const held = await deps.ledger.held({ bucket: bucketOf(route), nowMs, limit: BATCH });
    if (held.length === BATCH) crowded = true;
    for (const { key, value } of held) {
      if ((waits.get(`${route.name}/${key}`)?.untilMs ?? 0) > nowMs) continue;
      const parcel = parcelOf(key, value);
      if (parcel === undefined || parcel.seal !== (await seal(route.name, parcel))) {
        deps.metrics.webhook(route.name, 'unsealed');
        deps.log('error', 'delivering a callback: its seal is not the gateway’s; it is dropped', {
          route: route.name,
        });
        await done(route, { key, receivedAtMs: nowMs });
        continue;
      }
      while (running.size >= AT_ONCE) await Promise.race(running.values());
      start(route, parcel);
    }
  }

  async function deliverDue(): Promise<void> {
    crowded = false;
    for (const route of deps.routes.filter((each) => each.deliver !== undefined)) await sweepRoute(route);
  }
  let sweeping: Promise<void> = Promise.resolve();
  function wake(): void {
    sweeping = sweeping.then(deliverDue).catch((error: unknown) => {
      deps.log('warn', 'looking for kept callbacks', { reason: String(error).slice(0, 300) });
    });
  }
  const timer = setInterval(wake, SWEEP_MS);
  timer.unref();

  return {
    async take(route, parcel) {
      const { key, content, receivedAtMs } = parcel;
      const first = await deps.ledger.claim({
        bucket: bucketOf(route),
        key,
        value: { content, receivedAtMs, seal: await seal(route.name, parcel) },
        expiresAtMs: receivedAtMs + Math.max(route.rememberMs, KEEP_MS),
        nowMs: receivedAtMs,
      });
      if (first) start(route, parcel);
      return first;
    },
    wake,
    async close() {
      clearInterval(timer);
      await sweeping;
      closed = true;
      await Promise.all(running.values());
    },
  };
}

/** Where a route's deliveries are remembered. */
export function bucketOf(route: Pick<WebhookRoute, 'name'>): string {
  return `webhook/${route.name}`;
}

function parcelOf(key: string, value: Json): (Parcel & { seal: string }) | undefined {
  if (!isRecord(value)) return undefined;
  const { content, receivedAtMs, seal } = value;
  if (content === undefined || typeof receivedAtMs !== 'number' || typeof seal !== 'string') return undefined;
  return { key, content: content as Json, receivedAtMs, seal };
}
