import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findingKey } from '../../domain/finding/fingerprint.js';
import { arn } from '../../samples/model/names.js';
import { sha256 } from '../../workers/open-ports.js';
import { findingAbout, HOME } from '../support/organisation.js';
import { findPostgres, startPostgres, type TestPostgres } from '../support/postgres.js';
import { unique } from '../support/product.js';
import { type Child, startChild } from './children.js';
import type { Crash } from './faults.js';
import { ONCE, startWorld, type World } from './world.js';

const binaries = findPostgres();
const here = 'missing' in binaries ? describe.skip : describe;

/** Where the change worker's process is killed: every place between looking and telling. */
const POINTS: readonly Omit<Crash, 'life'>[] = [
  { name: 'cloudWriter.apply', nth: 1, when: 'before' },
  { name: 'cloudWriter.apply', nth: 1, when: 'after' },
  { name: 'ledger.setChange', nth: 2, when: 'after' },
];

here('a process of the change zone that is killed', () => {
  let postgres: TestPostgres;
  let world: World;
  let children: Child[] = [];

  beforeAll(async () => {
    if ('missing' in binaries) return;
    postgres = await startPostgres(binaries);
    const databaseUrl = await postgres.createDatabase('killed');
    world = await startWorld({ databaseUrl, zones: ['core', 'connect', 'think'] });
    const { folder } = world.product;
    const { address } = world.cluster.server;
    children = await Promise.all([...POINTS, undefined].map(() => startChild(folder, databaseUrl, address)));
  }, 180_000);
  afterAll(async () => {
    for (const child of children) child.kill();
    await world.stop();
    await postgres.stop();
  });

  it('at any point of a write leaves it to the next process, which does nothing twice', async () => {
    const lives = [];
    for (const [index, point] of POINTS.entries()) {
      const name = unique('killed');
      const crash = { ...point, life: findingKey(findingAbout(arn.role(HOME, name)), sha256) };
      await children[index]?.order({ zones: ['change'], crash });
      const life = await world.product.begin({ name });
      expect(await world.decide(await world.untilAsked(life))).toMatchObject({ outcome: 'accepted' });
      expect(await children[index]?.died()).toBe('SIGKILL');
      lives.push(life);
    }
    await children.at(-1)?.order({ zones: ['change'] });
    for (const life of lives) await world.untilStage(life, 'verifying');
    await world.product.scan();
    for (const life of lives) {
      expect(await world.ended(life)).toMatchObject({ outcome: 'verified' });
      expect(await world.effects(life)).toEqual(ONCE);
      const changes = await world.product.ports.ledger.changes({ findingKey: life.key });
      expect(changes.map((change) => change.status)).toEqual(['verified']);
    }
    expect(await world.product.ports.ledger.verifyAudit()).toMatchObject({ ok: true, faults: [] });
  }, 120_000);
});
