import { afterEach, describe, expect, it } from '@jest/globals';
import type { JudgedSuggestion } from '../../../domain/lifecycle/context.js';
import { type Desk, openDesk, signIn } from './support/desk.js';
import { draftRow, REQUEST_ID } from './support/organisation.js';

const PAGE = `/requests/${encodeURIComponent(REQUEST_ID)}`;
let desk: Desk;
afterEach(() => desk.app.close());

describe('the request page', () => {
  it.each<[kind: string, judged: JudgedSuggestion, says: string[]]>([
    [
      'narrower',
      {
        kind: 'narrower',
        proof: 'partial',
        changes: [
          {
            kind: 'inline-policy',
            target: { principal: 'arn:aws:iam::1:role/a', name: 'work' },
            before: { Statement: [{ Action: 's3:Get*' }] },
            after: { Statement: [{ Action: 's3:GetObject' }] },
          },
        ],
      },
      ['the engine proved it', 'draft and suggestion', 's3:GetObject', 'It is no draft'],
    ],
    [
      'refused',
      {
        kind: 'refused',
        reasonCode: 'wider',
        reason: 'It gives more.',
        witness: {
          principal: 'arn:aws:iam::1:role/a',
          action: 'iam:CreateUser',
          resource: '*',
          context: {},
          hypothetical: false,
        },
      },
      ['suggestion was refused', 'refused because: It gives more.', 'iam:CreateUser'],
    ],
  ])('shows a model’s suggestion that is %s, marked and folded away', async (_kind, judged, says) => {
    desk = openDesk();
    const row = draftRow();
    if (row.explanation === undefined) throw new Error('the draft is not explained');
    const suggestion = { judged, llmSessionId: 'llm_suggested', by: 'm-1', promptRef: 'suggest-policy/v1#0' };
    desk.ledger.rows.drafts[0] = { ...row, explanation: { ...row.explanation, suggestion } };
    const ana = await signIn(desk, 'ana');
    const { text } = await ana.get(PAGE);
    const start = text.indexOf('id="suggestion"');
    const part = text.slice(start, text.indexOf('</section>', start));
    for (const words of says) expect(part).toContain(words);
    expect(part).toContain('AI-generated guidance');
    expect(part).toContain('llm_suggested');
    expect(part).toContain('<details>');
  });

  it('says nothing of suggestions where none was made', async () => {
    desk = openDesk();
    const ana = await signIn(desk, 'ana');
    expect((await ana.get(PAGE)).text).not.toContain('id="suggestion"');
  });
});
