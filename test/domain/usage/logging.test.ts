import { describe, expect, it } from '@jest/globals';
import { readUsage } from '../../../domain/usage/log.js';
import { isDataEvent, type LoggingScope, unseenBecause } from '../../../domain/usage/logging.js';
import { type Season, seasonOf, windowDays } from '../../../domain/usage/seasonality.js';
import { windowOf } from '../../../domain/usage/window.js';

const DEFAULT: LoggingScope = { management: true, data: [] };

describe('what the log can show', () => {
  it.each<[string, LoggingScope, string | undefined]>([
    ['s3:GetObject', DEFAULT, 'data-events-not-logged'],
    ['s3:ListBucket', DEFAULT, 'data-events-not-logged'],
    ['s3:GetObject', { management: true, data: ['s3'] }, undefined],
    ['s3:GetObject', { management: true, data: ['AWS::S3::Object'] }, undefined],
    ['s3:GetObject', { management: true, data: 'all' }, undefined],
    ['s3:GetObject', { management: true, data: ['lambda'] }, 'data-events-not-logged'],
    ['s3:DeleteBucket', DEFAULT, undefined],
    ['s3:DeleteBucket', { management: false, data: ['s3'] }, 'management-events-not-logged'],
    ['dynamodb:PartiQLSelect', DEFAULT, 'data-events-not-logged'],
    ['dynamodb:DescribeTable', DEFAULT, undefined],
    ['kms:Decrypt', DEFAULT, undefined],
    ['iam:PassRole', { management: true, data: 'all' }, 'no-event'],
  ])('%s', (action, scope, reasonCode) => {
    expect(unseenBecause(action, scope)?.reasonCode).toBe(reasonCode);
  });

  it('compares names without their case', () => {
    expect(isDataEvent('S3:GETOBJECT')).toBe(true);
    expect(isDataEvent('constructor:x')).toBe(false);
  });
});

describe('seasons', () => {
  it.each<[Season, Record<string, number>]>([
    ['unknown', {}],
    ['once', { '2026-03': 2 }],
    ['monthly', { '2026-01': 1, '2026-02': 1, '2026-03': 2 }],
    ['quarterly', { '2025-12': 1, '2026-03': 1, '2026-06': 1 }],
    ['quarterly', { '2025-12': 3, '2026-06': 3 }],
    ['yearly', { '2025-12': 3, '2026-12': 3 }],
    ['irregular', { '2026-01': 1, '2026-02': 1, '2026-06': 1 }],
    ['regular', { '2026-01': 900, '2026-02': 800 }],
  ])('%s', (season, months) => {
    expect(seasonOf(new Map(Object.entries(months)))).toBe(season);
  });
});

describe('windows', () => {
  it('has a length in days', () => {
    expect(windowDays('2026-01-01', '2026-04-01')).toBe(90);
    expect(windowDays('2026-04-01', '2026-01-01')).toBe(0);
    expect(windowDays('never', '2026-01-01')).toBe(0);
  });

  it('follows from the log where nobody says it', () => {
    const log = readUsage([
      { action: 's3:GetObject', count: 2, firstUsed: '2026-01-10', lastUsed: '2026-03-10' },
    ]);
    expect(windowOf(log, 0)).toEqual({
      fromIso: '2026-01-10T00:00:00.000Z',
      toIso: '2026-03-10T00:00:00.000Z',
    });
    expect(windowOf(log, 0, 90).fromIso).toBe('2025-12-10T00:00:00.000Z');
    expect(windowOf(readUsage([]), Date.parse('2026-04-01'), 30)).toEqual({
      fromIso: '2026-03-02T00:00:00.000Z',
      toIso: '2026-04-01T00:00:00.000Z',
    });
  });
});
