import { describe, expect, it } from '@jest/globals';
import { watchClock, withClock } from '../../../activities/cnapp/clock.js';
import { withPause } from '../../../activities/cnapp/pause.js';
import type { CnappSource } from '../../../activities/cnapp/port.js';
import { openSource } from '../../../activities/cnapp/registry.js';
import { depsOf } from '../../support/platform-double.js';
import { startWiz } from '../../support/wiz-server.js';

const SETTINGS = { apiUrl: 'https://api.us1.app.wiz.io/graphql', clientId: 'id', clientSecret: 'env:W' };

async function worker(double: ReturnType<typeof startWiz>, kept: { untilMs?: number }): Promise<CnappSource> {
  const source = await openSource({ vendor: 'wiz', name: 'w', settings: SETTINGS }, depsOf(double));
  const pauses = {
    until: async () => kept.untilMs,
    set: async (untilMs: number) => {
      kept.untilMs = untilMs;
    },
  };
  return withPause(source, pauses, () => double.now);
}

describe('back-pressure', () => {
  it('that one worker was told of holds all of them back, for as long as the platform said', async () => {
    const double = startWiz(2);
    const kept: { untilMs?: number } = {};
    const [first, second] = [await worker(double, kept), await worker(double, kept)];
    double.next({ status: 429, headers: { 'retry-after': '7' } });
    await expect(first.list({})).rejects.toMatchObject({ type: 'vendor.throttled', retryAfterMs: 7_000 });
    const calls = double.asked().length;
    double.now += 2_000;
    const sourceId = String(double.issues[0]?.['id']);
    for (const held of [
      () => second.list({}),
      () => second.get(sourceId),
      () => second.comment({ sourceId, key: 'k', text: 't' }),
    ])
      await expect(held()).rejects.toMatchObject({ type: 'vendor.throttled', retryAfterMs: 5_000 });
    expect(double.asked()).toHaveLength(calls);
    double.now += 5_001;
    expect((await second.list({})).records).toHaveLength(2);
  });

  it('holds nobody back for other faults', async () => {
    const double = startWiz(2);
    const kept = {};
    const source = await worker(double, kept);
    double.next({ status: 503 });
    await expect(source.list({})).rejects.toMatchObject({ type: 'vendor.unavailable' });
    expect(kept).toEqual({});
  });
});

describe('the clock of a platform', () => {
  it('is read from its answers, and only when it says something', async () => {
    const answers = [{}, { date: 'Thu, 01 Oct 2026 00:01:00 GMT' }, { date: 'soon' }];
    const clock = watchClock({
      now: () => Date.parse('2026-10-01T00:00:00Z'),
      fetch: async () => new Response('{}', { headers: answers.shift() ?? {} }),
    });
    const base = await openSource({ vendor: 'generic', name: 'g', settings: {} }, depsOf(startWiz(0)));
    const source = withClock(
      {
        ...base,
        list: async () => {
          await clock.fetch('https://example.com');
          return { records: [] };
        },
      },
      clock,
    );
    expect(await source.list({})).toEqual({ records: [] });
    expect((await source.list({})).platformAheadMs).toBe(60_000);
    expect((await source.list({})).platformAheadMs).toBe(60_000);
  });
});
