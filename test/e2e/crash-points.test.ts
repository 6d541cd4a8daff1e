import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { findingKey } from '../../domain/finding/fingerprint.js';
import { arn } from '../../samples/model/names.js';
import { sha256 } from '../../workers/open-ports.js';
import { findingAbout, HOME } from '../support/organisation.js';
import { type Life, unique } from '../support/product.js';
import { type Crash, type Faults, openFaults, type Write } from './faults.js';
import { ONCE, startWorld, until, type World } from './world.js';

let world: World;
let faults: Faults;
beforeAll(async () => {
  faults = openFaults();
  world = await startWorld({ adapt: faults.adapt });
}, 120_000);
afterAll(() => world.stop());

/** Lives at once: as many as draft together without anything timing out on a small machine. */
const LANES = 12;

/** Plays a life to its end: approves when asked, and lets the platform scan. Returns what went wrong. */
async function play(name: string): Promise<string | undefined> {
  const life = await world.product.begin({ name });
  try {
    const receipt = await decideUntilTaken(life);
    if (receipt !== 'accepted') return receipt;
    const ended = await world.ended(life);
    if (ended.outcome !== 'verified') return `ended ${ended.outcome}: ${ended.note}`;
    const effects = await world.effects(life);
    if (JSON.stringify(effects) !== JSON.stringify(ONCE)) return JSON.stringify(effects);
    return await recordFault(life);
  } catch (error) {
    return String(error);
  }
}

/** A sender that is told to offer the decision again does so, with a new grant. */
async function decideUntilTaken(life: Life): Promise<string> {
  const row = await world.untilAsked(life);
  return until('the decision to be taken', async () => {
    const { status } = (await world.product.ports.ledger.request(row.request.id)) ?? row;
    if (status === 'approved') return 'accepted';
    const receipt = await world.decide(row);
    return receipt.outcome === 'accepted' ? 'accepted' : undefined;
  });
}

const MEASURES = ['detected', 'requested', 'decided', 'fixed', 'verified'];

/** What the ledger holds more or less than once. */
async function recordFault(life: Life): Promise<string | undefined> {
  const { ledger } = world.product.ports;
  const [changes, requests, row] = [
    await ledger.changes({ findingKey: life.key }),
    await ledger.requests({ findingKey: life.key }),
    await ledger.finding(life.key),
  ];
  if (row?.stage !== 'closed' || row.outcome !== 'verified')
    return `the ledger says ${row?.stage} ${row?.outcome}`;
  // A crash of drafting makes another draft; what was asked about the first is then void.
  const standing = requests.filter((request) => request.status === 'approved');
  if (standing.length !== 1) return `requests: ${requests.map((request) => request.status).join()}`;
  const measured = (await ledger.measures(0))
    .filter((each) => each.findingKey === life.key)
    .map(({ what }) => what);
  const unmeasured = MEASURES.filter((what) => !measured.includes(what));
  if (unmeasured.length > 0) return `not measured: ${unmeasured.join()}`;
  const done = changes.filter((change) => change.status === 'verified');
  return done.length === 1 ? undefined : `changes: ${changes.map((change) => change.status).join()}`;
}

function keyOf(name: string): string {
  return findingKey(findingAbout(arn.role(HOME, name)), sha256);
}

it('survives a crash before and after every single write of a life, and does nothing twice', async () => {
  let scanning = true;
  const scanner = (async () => {
    while (scanning) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      await world.product.scan();
    }
  })();
  try {
    const dry = unique('dry');
    expect(await play(dry)).toBeUndefined();
    // Intake's own writes come before the life starts; they are tested where intake is.
    const intake = new Set(['ledger.setStage 1', 'ledger.measure 1']);
    const points = faults
      .writesOf(keyOf(dry))
      .filter(({ name, nth }) => !intake.has(`${name} ${nth}`))
      .flatMap((write) => (['before', 'after'] as const).map((when) => ({ ...write, when })));
    expect(points.length).toBeGreaterThan(40);
    const faulty = await inLanes(points, async (point) => {
      const name = unique('crash');
      faults.crash({ ...point, life: keyOf(name) });
      const fault = await play(name);
      return fault === undefined ? undefined : `${when(point)}: ${fault}`;
    });
    expect(faulty.filter((fault) => fault !== undefined)).toEqual([]);
    expect(faults.crashed).toHaveLength(points.length);
    expect(await world.product.ports.ledger.verifyAudit()).toMatchObject({ ok: true, faults: [] });
  } finally {
    scanning = false;
    await scanner;
  }
}, 120_000);

function when(point: Write & Pick<Crash, 'when'>): string {
  return `${point.when} ${point.name} ${point.nth}`;
}

async function inLanes<In, Out>(items: readonly In[], each: (item: In) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = [];
  const queue = [...items];
  async function lane(): Promise<void> {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) results.push(await each(item));
  }
  await Promise.all(Array.from({ length: LANES }, lane));
  return results;
}
