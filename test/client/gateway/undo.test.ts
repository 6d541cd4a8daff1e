import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Desk, openDesk, signIn } from './support/desk.js';
import { draftRow, findingRow, requestRow } from './support/organisation.js';

let desk: Desk;
beforeEach(() => {
  desk = openDesk();
  const { draft, digest, workflowId } = draftRow();
  desk.ledger.rows.changes.push({
    id: 'change/1',
    workflowId,
    generation: 1,
    digest,
    requestId: requestRow().request.id,
    findingKeys: [findingRow().key],
    changes: draft.changes,
    route: 'api',
    status: 'verified',
  });
});
afterEach(() => desk.app.close());

const path = (): string => `/findings/${findingRow().key}`;

describe('undoing through the desk', () => {
  it('signs who asks, and opens a question to others', async () => {
    const browser = await signIn(desk, 'ben');
    const page = await browser.get(path());
    expect(page.text).toContain('Undo this change');
    const fields = browser.form(page.text, '/undo');
    const sent = await browser.post(`${path()}/undo`, { ...fields, reason: 'the job needs it again' });
    expect(sent.status).toBe(303);
    expect(desk.commands).toEqual([expect.stringMatching(/^undo undo\/[0-9a-f]{32}\/1 curtail-undo\+jwt\./)]);
    const claims = JSON.parse(
      Buffer.from(desk.commands[0]?.split('.')[1] ?? '', 'base64url').toString(),
    ) as unknown;
    expect(claims).toMatchObject({ sub: 'ben', changeId: 'change/1', reason: 'the job needs it again' });
  });

  it('needs a reason', async () => {
    const browser = await signIn(desk, 'ben');
    const fields = browser.form((await browser.get(path())).text, '/undo');
    expect((await browser.post(`${path()}/undo`, { ...fields, reason: ' ' })).status).toBe(400);
    expect(desk.commands).toEqual([]);
  });

  it('is not offered to an auditor, who is refused all the same', async () => {
    const browser = await signIn(desk, 'cleo');
    const page = await browser.get(path());
    expect(page.text).not.toContain('Undo this change');
    const { csrf = '' } = browser.form(page.text, '/sign-out');
    await browser.post(`${path()}/undo`, { csrf, change: 'change/1', reason: 'let me' });
    const after = (await browser.get(path())).text;
    expect(after).toContain('neither its owner nor an operator, an approver or security');
    expect(desk.commands).toEqual([]);
  });
});
