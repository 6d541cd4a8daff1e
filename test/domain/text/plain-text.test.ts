import { describe, expect, it } from '@jest/globals';
import type { Block } from '../../../domain/text/block.js';
import { plainLine, plainText } from '../../../domain/text/plain-text.js';

describe('plain text', () => {
  it.each<[block: Block, text: string]>([
    [{ type: 'heading', text: 'H' }, 'H'],
    [{ type: 'paragraph', text: 'a\tb\nc' }, 'a\tb\nc'],
    [{ type: 'generated', text: 'g', llmSessionId: 'l1' }, '[AI-generated guidance, session l1] g'],
    [
      {
        type: 'facts',
        rows: [
          { label: 'a', value: '1' },
          { label: 'b', value: '2' },
        ],
      },
      'a: 1\nb: 2',
    ],
    [{ type: 'list', items: ['x', 'y'] }, '- x\n- y'],
    [{ type: 'code', language: 'json', text: '{}' }, '{}'],
    [{ type: 'link', text: 'here', url: 'https://x' }, 'here: https://x'],
  ])('of %j', (block, text) => {
    expect(plainText([block])).toBe(text);
  });

  it('keeps no character that could overwrite or reverse what is shown', () => {
    const hostile = 'a\u001b[2Jb\rc\u202ed\u0000e\u009bf';
    expect(plainText([{ type: 'paragraph', text: hostile }])).toBe('a\ufffd[2Jb\ufffdc\ufffdd\ufffde\ufffdf');
  });

  it('makes one bounded line', () => {
    expect(plainLine('  a\n\n b\t c ')).toBe('a b c');
    expect(plainLine('abcdef', 4)).toBe('abc…');
  });
});
