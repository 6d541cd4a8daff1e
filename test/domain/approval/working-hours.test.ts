import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LADDER, type LadderState, nextStep } from '../../../domain/approval/ladder.js';
import { nextWorkingMs, type WorkingHours } from '../../../domain/approval/working-hours.js';

const BERLIN: WorkingHours = {
  timeZone: 'Europe/Berlin',
  days: [1, 2, 3, 4, 5],
  fromMinute: 9 * 60,
  toMinute: 17 * 60,
  holidays: ['2026-12-25'],
};
const next = (iso: string, hours = BERLIN): string =>
  new Date(nextWorkingMs(Date.parse(iso), hours)).toISOString();

describe('working hours', () => {
  it.each([
    ['within hours', '2026-11-25T10:30:15Z', '2026-11-25T10:30:15.000Z'],
    ['before they begin', '2026-11-25T05:00:00Z', '2026-11-25T08:00:00.000Z'],
    ['at the last minute', '2026-11-25T15:59:59Z', '2026-11-25T15:59:59.000Z'],
    ['after they end', '2026-11-25T16:00:00Z', '2026-11-26T08:00:00.000Z'],
    ['on a Friday night, over the weekend', '2026-11-27T21:00:00Z', '2026-11-30T08:00:00.000Z'],
    ['on a holiday before a weekend', '2026-12-25T10:00:00Z', '2026-12-28T08:00:00.000Z'],
    ['over the change to summer time', '2026-03-28T12:00:00Z', '2026-03-30T07:00:00.000Z'],
    ['over the change to winter time', '2026-10-24T12:00:00Z', '2026-10-26T08:00:00.000Z'],
  ])('move a moment %s', (_name, from, to) => {
    expect(next(from)).toBe(to);
  });

  it('of a team that never works hold nothing up for ever', () => {
    expect(next('2026-11-25T03:00:00Z', { ...BERLIN, days: [] })).toBe('2026-11-25T03:00:00.000Z');
  });

  it('are never left, never go back, and are found in two steps of the same', () => {
    const zone = fc.constantFrom(
      'Europe/Berlin',
      'America/New_York',
      'Asia/Kolkata',
      'Australia/Lord_Howe',
      'UTC',
    );
    const at = fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2028-01-01') });
    fc.assert(
      fc.property(zone, at, (timeZone, atMs) => {
        const hours = { ...BERLIN, timeZone };
        const moved = nextWorkingMs(atMs, hours);
        expect(moved).toBeGreaterThanOrEqual(atMs);
        expect(nextWorkingMs(moved, hours)).toBe(moved);
        expect(moved - atMs).toBeLessThan(5 * 86_400_000);
      }),
    );
  });
});

describe('a ladder whose rungs were moved', () => {
  const openedAtMs = Date.parse('2026-11-27T15:00:00Z');
  const dueAtMs = LADDER.high.map(({ afterMs }) => nextWorkingMs(openedAtMs + afterMs, BERLIN));
  const state: LadderState = { openedAtMs, nextRung: 0, lastNoticeAtMs: openedAtMs, dueAtMs };

  it('sends no reminder on a Saturday, and ends within working hours', () => {
    const saturday = Date.parse('2026-11-28T16:00:00Z');
    expect(nextStep(LADDER.high, state, saturday, 0)).toEqual({ step: 'wait', untilMs: dueAtMs[0] });
    expect(new Date(dueAtMs[0] ?? 0).toISOString()).toBe('2026-11-30T08:00:00.000Z');
    const unmoved: LadderState = { openedAtMs, nextRung: 0, lastNoticeAtMs: openedAtMs };
    expect(nextStep(LADDER.high, unmoved, saturday, 0)).toMatchObject({ step: 'notify' });
    const last = dueAtMs.at(-1) ?? 0;
    expect(nextStep(LADDER.high, { ...state, nextRung: 2 }, last - 1, 0)).toEqual({
      step: 'wait',
      untilMs: last,
    });
    expect(nextStep(LADDER.high, { ...state, nextRung: 2 }, last, 0)).toMatchObject({ step: 'expire' });
  });
});
