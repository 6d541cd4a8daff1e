import { describe, expect, it } from '@jest/globals';
import { redactLine } from '../../../../client/cli/engine/redact.js';

describe('the redact command', () => {
  it('answers with the text and its entities, counted in UTF-16 code units', () => {
    expect(redactLine({ id: 7, text: '😀 a@x.test' })).toEqual({
      text: '😀 [EMAIL_1]',
      entities: [{ type: 'EMAIL', start: 3, end: 11, pseudonym: '[EMAIL_1]' }],
    });
  });
  it.each([[{ id: 1 }], [{ id: 1, text: 5 }], [{ id: 1, text: null }]])(
    'refuses %j and points at it',
    (line) => {
      expect(() => redactLine(line)).toThrow(
        expect.objectContaining({ pointer: expect.stringMatching(/^(\/text)?$/) }),
      );
    },
  );
});
