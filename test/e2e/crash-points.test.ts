import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { unique } from '../support/product.js';
import { startTestCluster, type TestCluster } from '../support/temporal.js';
import type { Crash, Write } from './faults.js';
import { type House, keyOf, openHouse } from './house.js';
import { inLanes } from './lanes.js';
import { playToTheEnd } from './play.js';
import { HARDY_TIMING } from './world.js';

/** Without it only the points where something outside of us was done, or where the record of it was written. */
const ALL = process.env['CURTAIL_FAULTS'] !== undefined;
/** Processes at once: most of a life after a crash is waiting. */
const HOUSES = ALL ? 6 : 3;
/** Nothing here is measured: a machine that does ten other things gets there in this time, too. */
const PATIENCE_MS = 240_000;

type Point = Omit<Crash, 'life'>;
/** The effects of a life on the world, each with what is written about it. */
const TELLING: readonly Point[] = [
  { name: 'tickets.open', nth: 1, when: 'after' },
  { name: 'ledger.recordDecision', nth: 1, when: 'after' },
  { name: 'cloudWriter.apply', nth: 1, when: 'before' },
  { name: 'cloudWriter.apply', nth: 1, when: 'after' },
  { name: 'ledger.setChange', nth: 2, when: 'after' },
  { name: 'tickets.setState', nth: 1, when: 'after' },
];

let cluster: TestCluster;
let houses: House[] = [];
beforeAll(async () => {
  cluster = await startTestCluster();
  const { client, server } = cluster;
  houses = await Promise.all(
    Array.from({ length: HOUSES }, (_, lane) =>
      openHouse(
        client,
        { address: server.address, prefix: `house-${lane}`, timing: HARDY_TIMING },
        PATIENCE_MS,
      ),
    ),
  );
}, PATIENCE_MS);
afterAll(async () => {
  await Promise.all(houses.map((house) => house.close()));
  await cluster.stop();
});

/** What happens in a house now and then, until it is stopped. */
function scanner(house: House): () => Promise<void> {
  let scanning = true;
  const running = (async () => {
    while (scanning) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      await house.tick();
    }
  })();
  return async () => {
    scanning = false;
    await running;
  };
}

/** Every write of a life that meets no crash, each as a point before and after it. */
async function everyPoint(house: House): Promise<readonly Point[]> {
  const name = unique('dry');
  const fault = await playToTheEnd(house, name, PATIENCE_MS);
  if (fault !== undefined) throw new Error(`a life that met no crash: ${fault}`);
  const writes = await house.writesOf(keyOf(name));
  expect(writes.length).toBeGreaterThan(20);
  return writes.flatMap(({ name, nth }) =>
    (['before', 'after'] as const).map((when) => ({ name, nth, when })),
  );
}

it('a process that is killed at a write leaves it to the next one, which does nothing twice and loses nothing', async () => {
  const [first] = houses;
  if (first === undefined) throw new Error('there is no house');
  const scanners = houses.map(scanner);
  const points = ALL ? await everyPoint(first) : TELLING;
  const faulty = await inLanes(houses, points, async (house, point) => {
    const name = unique('crash');
    const before = house.deaths();
    await house.arm({ ...point, life: keyOf(name) });
    const fault = await playToTheEnd(house, name, PATIENCE_MS);
    if (fault !== undefined) return `${spoken(point)}: ${fault}`;
    return house.deaths() === before + 1
      ? undefined
      : `${spoken(point)}: died ${house.deaths() - before} times`;
  });
  for (const stop of scanners) await stop();
  expect(faulty.filter((fault) => fault !== undefined)).toEqual([]);
  for (const { ledger } of houses) expect(await ledger.verifyAudit()).toMatchObject({ ok: true, faults: [] });
}, 3_600_000);

function spoken(point: Write & Pick<Crash, 'when'>): string {
  return `${point.when} ${point.name} ${point.nth}`;
}
