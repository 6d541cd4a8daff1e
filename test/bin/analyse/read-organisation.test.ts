import { afterEach, describe, expect, it } from '@jest/globals';
import { readEarlier } from '../../../bin/analyse/read-earlier.js';
import { readScps } from '../../../bin/analyse/read-scps.js';
import { ACCOUNT, folderOf, statement } from '../../support/analysis.js';

let remove: (() => Promise<void>) | undefined;
afterEach(async () => remove?.());

async function file(content: unknown): Promise<string> {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  const folder = await folderOf({ 'f.json': text });
  remove = folder.remove;
  return `${folder.path}/f.json`;
}

const allow = statement({ Action: '*', Resource: '*' });
const restrict = statement({ Principal: '*', Action: '*', Resource: '*' });
const described = { Policy: { PolicySummary: { Id: 'p-1' }, Content: JSON.stringify(allow) } };

describe('organisation policies', () => {
  it.each([
    ['levels', [[allow], [allow]], '*', { scps: [[allow], [allow]] }],
    ['a plain list', [allow], '*', { scps: [[allow]] }],
    ['what describe-policy answers', described, '*', { scps: [[JSON.stringify(allow)]] }],
    ['a list of such answers', [described], '*', { scps: [[JSON.stringify(allow)]] }],
    ['both kinds', { scps: [[allow]], rcps: [[restrict]] }, '*', { scps: [[allow]], rcps: [[restrict]] }],
    ['by account', { [ACCOUNT]: [[allow]] }, ACCOUNT, { scps: [[allow]] }],
    ['by account, both kinds', { [ACCOUNT]: { rcps: [[restrict]] } }, ACCOUNT, { rcps: [[restrict]] }],
  ])('are read as %s', async (_, content, id, expected) => {
    expect((await readScps(await file(content))).get(id)).toEqual(expected);
  });

  it.each([
    ['not JSON', '[', 'cut off'],
    ['something else', { hello: 1 }, 'not organisation policies'],
    ['a malformed policy', [[allow, { Statement: 7 }]], '/scps/0/1'],
  ])('are refused when the file is %s', async (_, content, words) => {
    await expect(readScps(await file(content))).rejects.toThrow(words);
  });
});

describe('an earlier report', () => {
  const earlier = {
    format: 'curtail-report/1',
    generatedIso: '2026-07-01T00:00:00.000Z',
    overPermission: 80,
    scope: {},
    whatIf: { effective: { before: 10, after: 5 }, openPaths: { before: 2, after: 0 } },
    accounts: [{ id: ACCOUNT, overPermission: 80, coverage: { provable: 3 } }],
    identities: [{ arn: 'arn:aws:iam::111122223333:role/a', overPermission: { index: null } }],
  };

  it('gives what a trend needs', async () => {
    expect(await readEarlier(await file(earlier), {})).toEqual({
      generatedIso: earlier.generatedIso,
      overPermission: 80,
      effective: 10,
      openPaths: 2,
      provable: 3,
      accounts: new Map([[ACCOUNT, 80]]),
      identities: new Map([['arn:aws:iam::111122223333:role/a', null]]),
    });
  });

  it.each([
    ['another scope', { ...earlier, scope: { team: 'a' } }, 'compare like with like'],
    ['something else', { format: 'x' }, 'no report of Curtail at /format'],
    ['no JSON', 'x', 'not JSON'],
  ])('is refused when it is %s', async (_, content, words) => {
    await expect(readEarlier(await file(content), {})).rejects.toThrow(words);
  });
});
