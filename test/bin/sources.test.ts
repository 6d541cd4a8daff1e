import { describe, expect, it } from '@jest/globals';
import type { CnappTraits } from '../../activities/cnapp/port.js';
import { sourceTraits } from '../../activities/cnapp/registry.js';
import { SOURCE_COLUMNS, sourceCells, sourceLines } from '../../bin/commands/sources.js';

const API: CnappTraits = {
  vendor: 'wiz',
  listsAreComplete: true,
  incremental: true,
  comments: 'api',
  status: 'api',
  assetTags: 'upload',
  graph: true,
  rescan: 'wait',
  notifications: 'names',
  webhookVerification: ['shared secret', 'basic'],
};

describe('the table of sources', () => {
  it('says for every adapter where each write lands', () => {
    const lines = sourceLines(sourceTraits, []);
    expect(lines.map(({ adapter }) => adapter)).toEqual(Object.keys(sourceTraits));
    for (const line of lines) {
      const cells = sourceCells(line);
      expect(cells).toHaveLength(SOURCE_COLUMNS.length);
      expect(cells.every((cell) => cell !== '')).toBe(true);
    }
  });

  it('reads traits, and names the enabled sources that use an adapter', () => {
    const [line] = sourceLines({ some: API }, [
      { vendor: 'some', name: 'one', enabled: true },
      { vendor: 'some', name: 'off', enabled: false },
      { vendor: 'other', name: 'two', enabled: true },
    ]);
    if (line === undefined) throw new Error('no line');
    expect(sourceCells(line)).toEqual([
      'some',
      'complete',
      'what changed',
      'shared secret, basic',
      'on the platform, by its API',
      'on the platform, by its API',
      'uploaded as enrichment',
      'yes',
      'the next one is awaited',
      'one',
    ]);
  });
});
