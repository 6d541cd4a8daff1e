import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { afterPoll, type PollPosition, planPoll, slowerClock } from '../../../domain/finding/poll-plan.js';

const at = { nowMs: 1_000_000, fullEveryMs: 100_000, incremental: true };

describe('what a poll reads', () => {
  it.each<[name: string, position: PollPosition | undefined, more: Partial<typeof at>, full: boolean]>([
    ['everything at first', undefined, {}, true],
    ['what changed since', { sinceMs: 990_000, fullAtMs: 950_000 }, {}, false],
    ['everything when that is long ago', { sinceMs: 990_000, fullAtMs: 900_000 }, {}, true],
    [
      'everything where lists have no bounds',
      { sinceMs: 990_000, fullAtMs: 990_000 },
      { incremental: false },
      true,
    ],
    ['everything after a clock was set back', { sinceMs: 1_000_001, fullAtMs: 950_000 }, {}, true],
  ])('is %s', (_name, position, more, full) => {
    expect(planPoll(position, { ...at, ...more }).full).toBe(full);
  });

  it('goes on from where the last one began, and keeps when everything was read', () => {
    const first = afterPoll(undefined, { full: true, begunMs: 900_001 });
    const second = afterPoll(first, { full: false, begunMs: 950_000 });
    expect(second).toEqual({ sinceMs: 950_000, fullAtMs: 900_001 });
    expect(planPoll(second, at)).toEqual({ full: false, sinceMs: 950_000 });
  });

  it('begins by the slower of both clocks', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer(), (ours, ahead) => {
        expect(slowerClock(ours, ahead)).toBe(Math.min(ours, ours + ahead));
        expect(slowerClock(ours, undefined)).toBe(ours);
      }),
    );
  });
});
