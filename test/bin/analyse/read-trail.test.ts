import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { readTrail } from '../../../bin/analyse/read-trail.js';
import { ACCOUNT, folderOf, record } from '../../support/analysis.js';

let remove: (() => Promise<void>) | undefined;
afterEach(async () => remove?.());

const DAY = `AWSLogs/${ACCOUNT}/CloudTrail/eu-west-1/2026/09/01`;

function packed(records: readonly unknown[]): Uint8Array {
  return gzipSync(JSON.stringify({ Records: records }));
}

describe('reading a trail', () => {
  it('reads files as AWS delivers them, leaves digests and other logs out, and names damaged files', async () => {
    const folder = await folderOf({
      [`${DAY}/a.json.gz`]: packed([record('app', 'sqs:CreateQueue', '2026-09-01')]),
      [`${DAY}/b.json.gz`]: Buffer.concat([packed([]).subarray(0, 12)]),
      [`${DAY}/c.json`]: '{"configurationItems": []}',
      [`AWSLogs/${ACCOUNT}/CloudTrail-Digest/d.json.gz`]: packed([{}]),
      [`AWSLogs/${ACCOUNT}/Config/e.json.gz`]: packed([{}]),
    });
    remove = folder.remove;
    const seen: number[][] = [];
    const trail = await readTrail(folder.path, new Set([ACCOUNT]), (...progress) => seen.push(progress));
    expect(trail.log).toMatchObject({ total: 1, malformed: 0 });
    expect(trail.facts.get(ACCOUNT)?.days).toEqual(new Map([['2026-09-01', 1]]));
    expect(trail.faults).toEqual([
      { file: `${DAY}/b.json.gz`, reason: expect.stringContaining('gzip data is damaged') },
      { file: `${DAY}/c.json`, reason: expect.stringContaining('not a log file of CloudTrail') },
    ]);
    expect(seen).toEqual([
      [1, 3, 1],
      [2, 3, 1],
      [3, 3, 1],
    ]);
  });

  it('keeps of an organisation’s trail what happened in its accounts or was caused by them', async () => {
    const stranger = { recipientAccountId: '999988887777', userIdentity: { accountId: '999988887777' } };
    const folder = await folderOf({
      't.json': JSON.stringify({
        Records: [
          record('app', 'sqs:CreateQueue', '2026-09-01'),
          { ...record('app', 'sqs:DeleteQueue', '2026-09-01'), recipientAccountId: '999988887777' },
          { ...record('app', 'sqs:ListQueues', '2026-09-01'), ...stranger },
        ],
      }),
    });
    remove = folder.remove;
    const { log } = await readTrail(`${folder.path}/t.json`, new Set([ACCOUNT]), () => undefined);
    expect(log.calls.map(({ name }) => name)).toEqual([
      'sqs.amazonaws.com:CreateQueue',
      'sqs.amazonaws.com:DeleteQueue',
    ]);
  });
});
