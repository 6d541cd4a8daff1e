// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are written so
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { accountOfArn, isShortArn, splitArn, splitArnPattern } from '../../../domain/iam/arn.js';
import { matchesPattern, splitPattern } from '../../../domain/iam/pattern.js';
import { textMatchingAll } from '../../../domain/iam/pattern-instance.js';

const none = (): undefined => undefined;

describe('matchesPattern', () => {
  it.each<[string, string, boolean]>([
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['**', 'abc', true],
    ['a*', 'a', true],
    ['*a', 'ba', true],
    ['a*a', 'a', false],
    ['a*b*c', 'axbxbxc', true],
    ['a*b*c', 'axcxb', false],
    ['?', '', false],
    ['?*', 'a', true],
    ['a?c*e', 'abcde', true],
    ['*?b', 'ab', true],
    ['*?b', 'b', false],
    ['*ab?ab*', 'aabxab', true],
  ])('%j on %j: %j', (pattern, text, expected) => {
    expect(matchesPattern(pattern, text)).toBe(expected);
  });

  it('agrees with the textbook recursion on every pattern and text', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (p, t) => {
        expect(matchesPattern(p, t)).toBe(textbook(p, t));
      }),
      { numRuns: 5_000 },
    );
  });

  it('takes a hostile pattern without exponential work', () => {
    expect(matchesPattern('*a'.repeat(400), `${'a'.repeat(399)}${'b'.repeat(20_000)}`)).toBe(false);
  });

  it('reads hostile variables without quadratic work', () => {
    expect(matchesPattern('${'.repeat(300_000), 'x', { variable: none })).toBe(false);
    expect(matchesPattern(`\${a${' '.repeat(600_000)}b}`, 'x', { variable: none })).toBe(false);
    expect(isShortArn('${'.repeat(300_000))).toBe(true);
  });

  it('ignores case only when asked', () => {
    expect(matchesPattern('S3:GET*', 's3:getobject')).toBe(false);
    expect(matchesPattern('S3:GET*', 's3:getobject', { ignoreCase: true })).toBe(true);
  });

  it('reads ${…} as text without variables, and as variables with them', () => {
    expect(matchesPattern('${a:b}', '${a:b}')).toBe(true);
    expect(matchesPattern('${a:b}', '${a:b}', { variable: none })).toBe(false);
    expect(matchesPattern('x${a:b}y', 'x1y', { variable: () => '1' })).toBe(true);
    expect(matchesPattern("x${a:b, 'd'}", 'xd', { variable: none })).toBe(true);
    expect(matchesPattern('${*}${?}${$}', '*?$', { variable: none })).toBe(true);
    expect(matchesPattern('${unclosed', '${unclosed', { variable: none })).toBe(true);
    expect(matchesPattern('${}', '${}', { variable: none })).toBe(true);
    expect(matchesPattern('${ a:b }', 'v', { variable: (key) => (key === 'a:b' ? 'v' : undefined) })).toBe(
      true,
    );
    expect(matchesPattern('${a:b, d}', '${a:b, d}', { variable: none })).toBe(true);
  });

  it('takes a wildcard in a value as text', () => {
    expect(matchesPattern('${a:b}', 'anything', { variable: () => '*' })).toBe(false);
  });
});

function textbook(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  const head = pattern.charAt(0);
  const rest = pattern.slice(1);
  if (head === '*') return textbook(rest, text) || (text !== '' && textbook(pattern, text.slice(1)));
  return text !== '' && (head === '?' || head === text.charAt(0)) && textbook(rest, text.slice(1));
}

describe('ARNs', () => {
  it('split at their first five colons', () => {
    expect(splitArn('arn:aws:sns:r:1:t:u/v')).toEqual(['arn', 'aws', 'sns', 'r', '1', 't:u/v']);
    expect(splitArn('arn:aws:s3')).toBeUndefined();
    expect(splitArn('x:aws:s3:::b')).toBeUndefined();
  });

  it('are completed with stars where that is asked', () => {
    expect(splitArnPattern('arn:aws:s3', { variables: true, complete: true })).toEqual([
      'arn',
      'aws',
      's3',
      '*',
      '*',
      '*',
    ]);
    expect(splitArnPattern('arn:aws:s3', { variables: true, complete: false })).toBeUndefined();
    expect(isShortArn('arn:aws:s3:::')).toBe(false);
  });

  it('do not split within a variable', () => {
    expect(splitArnPattern('arn:aws:s3:::${aws:username}', { variables: true, complete: false })?.[5]).toBe(
      '${aws:username}',
    );
    expect(isShortArn('arn:aws:sqs:*:${aws:PrincipalAccount}')).toBe(true);
  });

  it('tell their account', () => {
    expect(accountOfArn('arn:aws:sqs:eu-west-1:111122223333:q')).toBe('111122223333');
    expect(accountOfArn('arn:aws:s3:::b')).toBeUndefined();
  });
});

describe('textMatchingAll', () => {
  it('finds a text that every pattern matches, if there is one', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 6 });
    fc.assert(
      fc.property(fc.array(pattern, { minLength: 1, maxLength: 3 }), (patterns) => {
        const text = textMatchingAll(patterns.map((each) => splitPattern(each, false)));
        if (text === undefined)
          expect(textsUpTo(6).some((any) => patterns.every((each) => textbook(each, any)))).toBe(false);
        else expect(patterns.filter((each) => !matchesPattern(each, text))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

function textsUpTo(length: number): readonly string[] {
  let last = [''];
  const all = [''];
  for (let i = 0; i < length; i += 1) {
    last = last.flatMap((text) => ['a', 'b', 'x'].map((unit) => text + unit));
    all.push(...last);
  }
  return all;
}
