import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BlameReport } from '../../../activities/lifecycle/blame.js';
import { readBlame } from '../../../domain/blame/denial.js';
import type { Blamed } from '../../../domain/blame/verdict.js';
import { type Desk, openDesk, signIn, TOKEN } from './support/desk.js';
import { send } from './support/http.js';
import { draftRow, findingRow, requestRow } from './support/organisation.js';

const MESSAGE =
  'User: arn:aws:sts::123456789012:assumed-role/app/i-1 is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::b/k" because no identity-based policy allows the s3:PutObject action';
const TOOK_AWAY: Blamed = {
  verdict: 'yes',
  code: 'took-away',
  why: 'the request was allowed before this change and is denied after it',
};

let desk: Desk;
let report: BlameReport;
let asked: string[];
beforeEach(() => {
  asked = [];
  report = {
    question: readBlame(MESSAGE),
    arns: ['arn:aws:iam::123456789012:role/app'],
    blame: TOOK_AWAY,
    more: false,
    changes: [
      {
        id: 'change/1',
        status: 'verified',
        route: 'api',
        findingKey: findingRow().key,
        what: ['Replace inline policy <b>access</b>'],
        appliedAtMs: Date.UTC(2026, 8, 1),
        requestId: requestRow().request.id,
        approvals: [{ personId: 'ana', name: 'Ana Silva' }],
        blame: TOOK_AWAY,
      },
    ],
  };
  desk = openDesk({
    blame: async (about) => {
      asked.push(about);
      return report;
    },
  });
  const { draft, digest, workflowId } = draftRow();
  desk.ledger.rows.changes.push({
    id: 'change/1',
    workflowId,
    generation: 1,
    digest,
    findingKeys: [findingRow().key],
    changes: draft.changes,
    route: 'api',
    status: 'verified',
  });
});
afterEach(() => desk.app.close());

async function page(personId: string, about = MESSAGE): Promise<string> {
  const browser = await signIn(desk, personId);
  return (await browser.get(`/blame?${new URLSearchParams({ about })}`)).text;
}
const api = (path: string) =>
  send(desk.app, { method: 'GET', url: `/api/v1${path}`, headers: { authorization: `Bearer ${TOKEN}` } });

describe('the page for whoever is woken by a denial', () => {
  it('answers plainly, names who approved, and offers the undo', async () => {
    const text = await page('ben');
    expect(asked).toEqual([MESSAGE]);
    expect(text).toContain('Yes, Curtail’s change caused this: the request was allowed before');
    expect(text).toContain('Ana Silva');
    expect(text).toContain('not allowed by an identity-based policy');
    expect(text).toContain('Undo this change');
    expect(text).toContain(`curtail undo ${findingRow().key} --change`);
    expect(text).toContain('Replace inline policy &lt;b&gt;access&lt;/b&gt;');
  });

  it('looks nothing up before somebody asks', async () => {
    const browser = await signIn(desk, 'ben');
    expect((await browser.get('/blame')).text).toContain('<textarea id="about"');
    expect(asked).toEqual([]);
  });

  it('offers no undo of what was taken back or was handed over', async () => {
    report = {
      ...report,
      changes: report.changes.map((each) => ({ ...each, status: 'rolled-back' as const })),
    };
    expect(await page('ben')).not.toContain('curtail undo');
  });

  it('shows hostile text as text', async () => {
    report = { question: readBlame('<script>'), arns: [], changes: [], more: false };
    const text = await page('ben', '"><script>alert(1)</script>');
    expect(text).not.toContain('<script>alert');
    expect(text).toContain('Nothing was looked up');
  });
});

describe('the loopback API', () => {
  it('answers the same with the undo as page and command', async () => {
    const answer = JSON.parse(
      (await api(`/blame?${new URLSearchParams({ about: MESSAGE })}`)).text,
    ) as unknown;
    expect(answer).toMatchObject({
      blame: { verdict: 'yes' },
      undo: { changeId: 'change/1', url: expect.stringContaining('#changes') },
    });
  });

  it('lists the changes at an ARN', async () => {
    const arn = 'arn:aws:iam::123456789012:role/app';
    report = { ...report, question: readBlame(arn) };
    const answer = JSON.parse((await api(`/changes?${new URLSearchParams({ arn })}`)).text) as unknown;
    expect(answer).toMatchObject({ changes: [{ id: 'change/1' }], more: false });
  });

  it.each([
    ['nothing', '/changes'],
    ['no ARN', `/changes?arn=hello`],
    ['too much', `/blame?about=${'a'.repeat(5_000)}`],
  ])('refuses %s', async (_what, path) => {
    expect((await api(path)).status).toBe(400);
  });
});
