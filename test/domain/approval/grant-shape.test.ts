import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { looksLikeGrantFor } from '../../../domain/approval/grant-shape.js';

const OURS = 'finding/wiz/0123';

function jws(claims: unknown): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'EdDSA' })}.${part(claims)}.${Buffer.from('signature').toString('base64url')}`;
}

describe('what looks like a grant for a workflow', () => {
  it('is a compact JWS whose claims name it, whatever else they say', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (reason) => {
        expect(looksLikeGrantFor(jws({ workflowId: OURS, requestId: 'r', jti: 'j', reason }), OURS)).toBe(
          true,
        );
      }),
    );
  });

  it.each<[what: string, text: string]>([
    ['for another workflow', jws({ workflowId: 'finding/wiz/4567', requestId: 'r', jti: 'j' })],
    ['without a request', jws({ workflowId: OURS, jti: 'j' })],
    ['without an id of its own', jws({ workflowId: OURS, requestId: 'r' })],
    ['of an array', jws([OURS])],
    ['of two parts', 'e30.e30'],
    ['of no JSON', `e30.${Buffer.from('{"workflowId": ').toString('base64url')}.e30`],
    ['of other letters', 'e30.e30.ä'],
    ['of nothing', ''],
  ])('is not one %s', (_what, text) => {
    expect(looksLikeGrantFor(text, OURS)).toBe(false);
  });

  it('is told of any text without throwing', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(looksLikeGrantFor(text, OURS)).toBe(false)));
  });
});
