import { describe, expect, it } from '@jest/globals';
import { type ForecastLine, forecastOf } from '../../../domain/finding/forecast.js';

function begins(more: Partial<Extract<ForecastLine, { fate: 'begins' }>>): ForecastLine {
  return {
    fate: 'begins',
    phase: 'assist',
    account: '1',
    team: 'payments',
    personIds: ['ana'],
    cause: 'a',
    standing: true,
    ...more,
  };
}

describe('a forecast', () => {
  it('counts what shares a cause as one ticket, and people once', () => {
    const { phases } = forecastOf([
      begins({ cause: 'a' }),
      begins({ cause: 'a', personIds: ['ana', 'ben'] }),
      begins({ cause: 'b', personIds: [] }),
    ]);
    expect(phases).toEqual([
      { phase: 'assist', findings: 3, tickets: 2, people: 2, withoutOwner: 1, changes: 0 },
    ]);
  });

  it('asks nobody in observe, and changes without a decision only in automate under a standing approval', () => {
    const { phases } = forecastOf([
      begins({ phase: 'observe' }),
      begins({ phase: 'automate', cause: 'x' }),
      begins({ phase: 'automate', cause: 'y', standing: false }),
    ]);
    expect(phases.map(({ phase, tickets, people, changes }) => [phase, tickets, people, changes])).toEqual([
      ['observe', 0, 0, 0],
      ['automate', 2, 1, 1],
    ]);
  });

  it('says where everything else stays', () => {
    expect(
      forecastOf([
        { fate: 'below-floor' },
        { fate: 'below-floor' },
        { fate: 'never-touch' },
        { fate: 'not-configured' },
        { fate: 'begun' },
      ]),
    ).toEqual({
      open: 5,
      belowFloor: 2,
      neverTouch: 1,
      notConfigured: 1,
      begun: 1,
      phases: [],
      groups: [],
    });
  });

  it('groups by phase, account and team, the largest first', () => {
    const { team: _none, ...teamless } = begins({ cause: 'z', personIds: [] }) as Record<string, unknown>;
    const { groups } = forecastOf([
      teamless as unknown as ForecastLine,
      begins({ cause: 'a' }),
      begins({ cause: 'b' }),
      begins({ cause: 'c', account: '2' }),
      begins({ cause: 'd', account: '2' }),
      begins({ cause: 'e', account: '2' }),
    ]);
    expect(groups.map(({ account, team, tickets }) => [account, team, tickets])).toEqual([
      ['2', 'payments', 3],
      ['1', 'payments', 2],
      ['1', 'no owner known', 1],
    ]);
  });
});
