import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pagedList } from '../../activities/cnapp/paged.js';
import type { CnappSource } from '../../activities/cnapp/port.js';
import { countWarnings } from '../../activities/cnapp/warnings.js';
import { Failure, FailureType } from '../../domain/failure.js';
import type { Finding } from '../../domain/finding/finding.js';
import { arn } from '../../samples/model/names.js';
import { findingAbout, HOME } from '../support/organisation.js';
import { openProduct, type Product, unique, withPorts } from '../support/product.js';

let product: Product;
beforeAll(async () => {
  product = await openProduct({ timing: { fullPollEveryMs: 6 * 60 * 60_000 } });
}, 60_000);
afterAll(() => product.close());

const MINUTE = 60_000;
const SILENT = countWarnings('wiz', () => undefined);

/** A platform with a clock of its own, in pages of two, whose lists are bounded by when a row last changed. */
function platform(aheadMs = 0) {
  const rows: { finding: Finding; changedMs: number }[] = [];
  const asked: (string | undefined)[] = [];
  const hooks: { afterPage?: (() => void) | undefined; fault?: Failure | undefined } = {};
  const clock = () => product.ports.now() + aheadMs;
  const put = (finding: Finding) => {
    const at = rows.findIndex((row) => row.finding.sourceId === finding.sourceId);
    const row = { finding, changedMs: clock() };
    if (at === -1) rows.push(row);
    else rows[at] = row;
  };
  const list = pagedList({
    vendor: 'wiz',
    overlapMinutes: 1,
    warnings: SILENT,
    parts: [
      {
        needs: 'nothing',
        name: 'rows',
        read: async ({ state = '0', sinceIso }) => {
          if (hooks.fault !== undefined) throw hooks.fault;
          asked.push(sinceIso);
          const since = sinceIso === undefined ? undefined : Date.parse(sinceIso);
          const chosen = rows.filter(({ finding, changedMs }) =>
            since === undefined ? finding.status === 'open' : changedMs >= since,
          );
          const page = chosen.slice(Number(state), Number(state) + 2);
          hooks.afterPage?.();
          return {
            records: page.map(({ finding }) => ({ ok: true as const, finding, original: finding })),
            ...(Number(state) + 2 < chosen.length && { next: String(Number(state) + 2) }),
          };
        },
      },
      {
        needs: 'nothing',
        name: 'inventory',
        fullOnly: true,
        read: async () => {
          asked.push('inventory');
          return { records: [] };
        },
      },
    ],
  });
  const base = [...product.ports.sources.values()][0] as CnappSource;
  const source: CnappSource = {
    ...base,
    traits: { ...base.traits, vendor: 'wiz', incremental: true },
    list: async (input) => ({ ...(await list(input)), platformAheadMs: aheadMs }),
    get: async (id) => rows.find(({ finding }) => finding.sourceId === id)?.finding,
  };
  return { source, put, rows, asked, hooks };
}

/** Polls of one source by name, each to its end. */
function poller(source: CnappSource, name = unique('source')) {
  const settings = { ...product.ports.settings, confirmedSources: new Set([name]) };
  const activities = withPorts(product, { sources: new Map([[name, source]]), settings });
  return async (patience = 50) => {
    const scanId = unique('scan');
    const totals = { seen: 0, started: 0, resolved: 0 };
    let cursor: string | undefined;
    do {
      const page = await activities.pollSource({
        source: name,
        scanId,
        ...(cursor !== undefined && { cursor }),
      });
      totals.seen += page.seen;
      totals.started += page.started;
      totals.resolved += page.resolved;
      cursor = page.nextCursor;
      patience -= 1;
    } while (cursor !== undefined && patience > 0);
    return totals;
  };
}

function about(): Finding {
  return findingAbout(arn.role(HOME, unique('polled')));
}

describe('polls of a source', () => {
  it('read everything once, then what changed, then everything again, and start nothing twice', async () => {
    const on = platform();
    const poll = poller(on.source);
    const all = [about(), about(), about()];
    for (const finding of all) on.put(finding);
    product.clock.offsetMs += 5 * MINUTE;
    expect(await poll()).toMatchObject({ seen: 3, started: 3 });
    product.clock.offsetMs += 5 * MINUTE;
    on.put(about());
    on.asked.length = 0;
    expect(await poll()).toMatchObject({ seen: 1, started: 1, resolved: 0 });
    expect(on.asked).toEqual([expect.stringMatching(/Z$/)]);
    product.clock.offsetMs += product.ports.settings.timing.fullPollEveryMs;
    on.rows.shift();
    on.asked.length = 0;
    expect(await poll()).toMatchObject({ seen: 3, started: 0 });
    expect(on.asked).toEqual([undefined, undefined, 'inventory']);
    expect((await findingOf(all[0])).sourceState).toBe('resolved');
    expect((await findingOf(all[1])).sourceState).toBe('open');
  });

  it.each([
    ['as ours', 0],
    ['an hour behind ours', -60 * MINUTE],
    ['an hour ahead of ours', 60 * MINUTE],
  ])(
    'lose nothing that changes while one runs, when the platform\u2019s clock is %s',
    async (_name, aheadMs) => {
      const on = platform(aheadMs);
      const poll = poller(on.source);
      for (let i = 0; i < 5; i += 1) on.put(about());
      await poll();
      const late = about();
      product.clock.offsetMs += 2 * MINUTE;
      for (let i = 0; i < 3; i += 1) on.put(about());
      on.hooks.afterPage = () => {
        on.hooks.afterPage = undefined;
        product.clock.offsetMs += 20 * MINUTE;
        on.rows.unshift({ finding: late, changedMs: product.ports.now() + aheadMs });
        product.clock.offsetMs += 20 * MINUTE;
      };
      await poll();
      product.clock.offsetMs += 2 * MINUTE;
      await poll();
      expect(started(late)).toHaveLength(1);
      for (const { finding } of on.rows) expect(started(finding)).toHaveLength(1);
    },
  );

  it('ask again for what a scan that broke off did not read', async () => {
    const on = platform();
    const poll = poller(on.source);
    await poll();
    const missed = about();
    product.clock.offsetMs += MINUTE * 3;
    on.put(missed);
    on.hooks.fault = new Failure(FailureType.VendorUnavailable, 'down');
    await expect(poll()).rejects.toThrow('down');
    product.clock.offsetMs += MINUTE * 3;
    on.hooks.fault = undefined;
    await poll();
    expect(started(missed)).toHaveLength(1);
  });

  it('do not take what an incremental scan leaves out for resolved', async () => {
    const on = platform();
    const poll = poller(on.source);
    const quiet = about();
    on.put(quiet);
    await poll();
    product.clock.offsetMs += 5 * MINUTE;
    await poll();
    expect((await findingOf(quiet)).sourceState).toBe('open');
    on.put({ ...quiet, status: 'resolved' });
    await poll();
    expect((await findingOf(quiet)).sourceState).toBe('resolved');
  });

  it('of two tenants of a platform resolve nothing of each other', async () => {
    const [one, other] = [platform(), platform()];
    const [mine, theirs] = [about(), about()];
    one.put(mine);
    other.put(theirs);
    const sources = new Map([
      ['one', one.source],
      ['other', other.source],
    ]);
    const settings = { ...product.ports.settings, confirmedSources: new Set(['one', 'other']) };
    const activities = withPorts(product, { sources, settings });
    for (const source of ['one', 'other', 'one']) {
      product.clock.offsetMs += 7 * 60 * MINUTE;
      const scanId = unique('scan');
      const { nextCursor = '' } = await activities.pollSource({ source, scanId });
      await activities.pollSource({ source, scanId, cursor: nextCursor });
    }
    for (const finding of [mine, theirs]) {
      expect((await findingOf(finding)).sourceState).toBe('open');
      expect(started(finding)).toHaveLength(1);
    }
  });

  it('refuse a cursor that is not one of theirs', async () => {
    const activities = withPorts(product, { sources: new Map([['s', platform().source]]) });
    for (const cursor of ['', '{}', '{"full":true}', 'null'])
      await expect(activities.pollSource({ source: 's', scanId: 'x', cursor })).rejects.toMatchObject({
        type: 'input.invalid',
      });
  });
});

function started(finding: Finding): readonly unknown[] {
  return product.starter.started.filter((start) => start.subject === finding.subject.id);
}

async function findingOf(finding: Finding | undefined) {
  const [row] = await product.ports.ledger.findings({ text: finding?.subject.name ?? '?' });
  if (row === undefined) throw new Error('no such finding');
  return row;
}
