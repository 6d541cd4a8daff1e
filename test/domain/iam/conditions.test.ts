// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are written so
import { describe, expect, it } from '@jest/globals';
import { readDate } from '../../../domain/iam/conditions/date.js';
import { conditionHolds } from '../../../domain/iam/conditions/hold.js';
import { inRange, readAddress, readRange } from '../../../domain/iam/conditions/ip.js';
import { readNumber } from '../../../domain/iam/conditions/number.js';
import { requestContext } from '../../../domain/iam/context.js';
import type { ConditionTest, Request } from '../../../domain/iam/document.js';

describe('readDate', () => {
  it.each<[string, number | undefined]>([
    ['2026', Date.UTC(2026, 0, 1)],
    ['2026-02', Date.UTC(2026, 1, 1)],
    ['2026-02-03', Date.UTC(2026, 1, 3)],
    ['2026-02-03T04:05Z', Date.UTC(2026, 1, 3, 4, 5)],
    ['2026-02-03T04:05:06.5Z', Date.UTC(2026, 1, 3, 4, 5, 6, 500)],
    ['2026-02-03T04:05:06+02:00', Date.UTC(2026, 1, 3, 2, 5, 6)],
    ['2026-02-03T04:05:06-0230', Date.UTC(2026, 1, 3, 6, 35, 6)],
    ['1770000000', 1_770_000_000_000],
    ['2026-02-30', undefined],
    ['2026-13-01', undefined],
    ['tomorrow', undefined],
    ['', undefined],
  ])('%j', (text, expected) => {
    expect(readDate(text)).toBe(expected);
  });
});

describe('readNumber', () => {
  it.each<[string, number | undefined]>([
    ['10', 10],
    ['-1.5', -1.5],
    ['1e3', 1000],
    ['0x10', undefined],
    ['', undefined],
    ['1e999', undefined],
    [' 1', undefined],
    ['1.', 1],
    ['.5', 0.5],
    [`${'1'.repeat(300_000)}x`, undefined],
  ])('%j', (text, expected) => {
    expect(readNumber(text)).toBe(expected);
  });
});

describe('addresses', () => {
  it.each([['256.1.1.1'], ['1.2.3'], ['1.2.3.4.5'], ['::1::2'], ['1:2:3:4:5:6:7'], ['12345::'], ['x'], ['']])(
    '%j is none',
    (text) => {
      expect(readAddress(text)).toBeUndefined();
    },
  );

  it.each(['10.0.0.0/33', '::/129', '10.0.0.0/', '10.0.0.0/-1', '10.0.0.0/8x'])('%j is no range', (text) => {
    expect(readRange(text)).toBeUndefined();
  });

  it('reads IPv6 in its spellings', () => {
    expect(readAddress('2001:db8::1')).toEqual([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1]);
    expect(readAddress('::ffff:1.2.3.4')).toEqual([0, 0, 0, 0, 0, 0xffff, 0x0102, 0x0304]);
    expect(readAddress('::')).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('compares by bits', () => {
    const range = readRange('10.1.2.0/23');
    const holds = (text: string) => range !== undefined && inRange(readAddress(text) ?? [], range);
    expect(['10.1.2.0', '10.1.3.255', '10.1.4.0', '10.1.1.255'].map(holds)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('conditionHolds', () => {
  const asked: Request = {
    principal: 'arn:aws:iam::111122223333:user/alice',
    action: 's3:GetObject',
    resource: 'arn:aws:s3:::b/k',
    context: { 'aws:x': ['a', 'b'], 'aws:empty': [] },
  };
  const test = (members: Partial<ConditionTest>): ConditionTest => ({
    operator: 'StringEquals',
    ifExists: false,
    key: 'aws:x',
    values: ['a'],
    ...members,
  });
  it.each<[string, Partial<ConditionTest>, boolean | undefined]>([
    ['a plain operator on several values: any of them', {}, true],
    ['a plain negated operator on several values: none of them', { operator: 'StringNotEquals' }, false],
    ['a variable without a value', { values: ['${aws:nothing}'] }, undefined],
    [
      'a variable without a value on a missing key with IfExists',
      { key: 'aws:y', ifExists: true, values: ['${aws:nothing}'] },
      true,
    ],
    ['an empty set is a missing key', { key: 'aws:empty', operator: 'Null', values: ['true'] }, true],
    ['no values: nothing matches', { values: [] }, false],
    [
      'no values: nothing is what a negated operator wants',
      { operator: 'StringNotEquals', values: [] },
      true,
    ],
  ])('%s', (_rule, members, expected) => {
    expect(conditionHolds(test(members), requestContext(asked), true)).toBe(expected);
  });
});
