import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readableLines } from '../../../domain/diff/readable.js';
import type { Json } from '../../../domain/json.js';

describe('a state as lines', () => {
  it('has members in the order that people expect and sets sorted', () => {
    const state = {
      Statement: [{ Resource: ['b', 'a'], Zeta: 1, Action: ['s3:b', 's3:a'], Effect: 'Allow', Sid: 'x' }],
      Version: '2012-10-17',
    };
    expect(readableLines(state).join('\n')).toBe(
      JSON.stringify(
        {
          Version: '2012-10-17',
          Statement: [{ Sid: 'x', Effect: 'Allow', Action: ['s3:a', 's3:b'], Resource: ['a', 'b'], Zeta: 1 }],
        },
        null,
        2,
      ),
    );
  });

  it('is nothing for what is absent, and keeps the order of other lists', () => {
    expect(readableLines(null)).toEqual([]);
    expect(readableLines({ list: ['b', 'a'], Action: [1, 'a'] as Json[] })).toEqual(
      readableLines({ Action: [1, 'a'], list: ['b', 'a'] }),
    );
    expect(JSON.parse(readableLines({ list: ['b', 'a'] }).join('\n'))).toEqual({ list: ['b', 'a'] });
  });

  it('loses nothing but order', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(value !== null);
        const shown: unknown = JSON.parse(readableLines(value as Json).join('\n'));
        expect(sorted(shown)).toEqual(sorted(JSON.parse(JSON.stringify(value))));
      }),
    );
  });
});

function sorted(value: unknown): unknown {
  return JSON.stringify(value).split('').sort().join('');
}
