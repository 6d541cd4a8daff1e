import { z } from 'zod';
import { Failure, FailureType } from '../../domain/failure.js';
import { afterPoll, type PollPosition, planPoll, slowerClock } from '../../domain/finding/poll-plan.js';
import type { CnappSource } from '../cnapp/port.js';
import type { Activities, Polled } from '../contract.js';
import { namesOf } from './confirmation.js';
import { cancellation, heartbeat } from './heartbeat.js';
import { takeIn } from './intake.js';
import type { LifecyclePorts } from './ports.js';

/** Bucket of the ledger's items in which the positions of the polls stand, by the source's name. */
const POSITIONS = 'poll';

const Position = z.strictObject({ sinceMs: z.number(), fullAtMs: z.number() });
/** A scan under way: the adapter's own cursor, and what was decided at its beginning. */
const Scan = z.strictObject({ full: z.boolean(), begunMs: z.number(), cursor: z.string() });

/** What was decided when a scan began. */
interface Begun {
  full: boolean;
  begunMs: number;
  cursor?: string;
  sinceIso?: string;
}

const NOTHING: Polled = { seen: 0, started: 0, refused: 0, resolved: 0 };

/**
 * One page of a configured source, taken in. The first page decides whether the scan is a full one; the position moves
 * when a scan has reached its end, so that one that broke off is asked for again. Absence means resolved in full scans only,
 * and only where one source speaks for the platform: of two tenants, each lists nothing of the other.
 */
export function createPollSource(ports: LifecyclePorts): Activities['pollSource'] {
  return async (input) => {
    const source = ports.sources.get(input.source);
    if (source === undefined) return NOTHING;
    const begun =
      input.cursor === undefined ? await begin(ports, source, input.source) : readScan(input.cursor);
    const { cursor, sinceIso } = begun;
    heartbeat(`reading ${input.source}`);
    const signal = cancellation();
    const page = await source.list({
      ...(cursor !== undefined && { cursor }),
      ...(sinceIso !== undefined && { sinceIso }),
      ...(signal !== undefined && { signal }),
    });
    const atMs = page.scannedAtIso === undefined ? ports.now() : Date.parse(page.scannedAtIso);
    const { vendor } = source.traits;
    const taken = await takeIn(ports, { scanId: input.scanId, source: vendor, atMs, records: page.records });
    const counts = { seen: taken.seen, started: taken.started, refused: taken.refused };
    const begunMs = cursor === undefined ? slowerClock(begun.begunMs, page.platformAheadMs) : begun.begunMs;
    if (page.nextCursor !== undefined) {
      const scan: z.output<typeof Scan> = { full: begun.full, begunMs, cursor: page.nextCursor };
      return { ...counts, resolved: 0, nextCursor: JSON.stringify(scan) };
    }
    const resolved =
      begun.full && source.traits.listsAreComplete && namesOf(ports, vendor).length === 1
        ? await ports.ledger.completeScan({ scanId: input.scanId, source: vendor, atMs })
        : [];
    const position = afterPoll(await positionOf(ports, input.source), { full: begun.full, begunMs });
    await ports.ledger.putItem({ bucket: POSITIONS, key: input.source, value: { ...position } });
    return { ...counts, resolved: resolved.length };
  };
}

async function begin(ports: LifecyclePorts, source: CnappSource, name: string): Promise<Begun> {
  const nowMs = ports.now();
  const plan = planPoll(await positionOf(ports, name), {
    nowMs,
    fullEveryMs: ports.settings.timing.fullPollEveryMs,
    incremental: source.traits.incremental,
  });
  if (plan.full) return { full: true, begunMs: nowMs };
  return { full: false, begunMs: nowMs, sinceIso: new Date(plan.sinceMs).toISOString() };
}

function readScan(text: string): Begun {
  try {
    return Scan.parse(JSON.parse(text));
  } catch (error) {
    throw new Failure(
      FailureType.InvalidInput,
      'polling: the cursor is not one of this version; the next poll begins anew',
      { cause: error },
    );
  }
}

/** Where the polls stand; what cannot be read means a full poll. */
async function positionOf(ports: LifecyclePorts, name: string): Promise<PollPosition | undefined> {
  const parsed = Position.safeParse(await ports.ledger.item(POSITIONS, name, ports.now()));
  return parsed.success ? parsed.data : undefined;
}
