import { expect, it } from '@jest/globals';
import type { RequestRow } from '../../activities/ledger/port.js';
import { closeSuperseded } from '../../activities/lifecycle/superseded.js';
import { requestRow } from '../client/gateway/support/organisation.js';

function row(
  id: string,
  status: RequestRow['status'],
  over: { workflowId?: string; ticket?: boolean } = {},
): RequestRow {
  const { request, ticket: _none, ...rest } = requestRow();
  const { ticket, workflowId = 'finding/generic/k' } = over;
  const made = { ...rest, status, request: { ...request, id, workflowId } };
  return ticket === false ? made : { ...made, ticket: { id: `t-${id}`, number: id, url: '' } };
}

it('closes the tickets of a life whose drafts are no more, and no others', async () => {
  const rows = [
    row('edited', 'edited'),
    row('void', 'void'),
    row('this', 'void'),
    row('approved', 'approved'),
    row('open', 'open'),
    row('without', 'void', { ticket: false }),
    row('another life', 'void', { workflowId: 'finding/generic/other' }),
  ];
  const closed: string[] = [];
  const ports = {
    ledger: { requests: async () => rows },
    tickets: {
      setState: async (input: { ticketId: string; state: string; key: string; note?: string }) => {
        closed.push(`${input.ticketId} ${input.state} ${input.key} ${input.note}`);
      },
    },
  };
  await closeSuperseded(ports, {
    findingKey: 'k',
    workflowId: 'finding/generic/k',
    besides: 'this',
    note: 'see the next',
  });
  expect(closed).toEqual([
    't-edited closed request/edited/superseded Edited by a person: see the next',
    't-void closed request/void/superseded Void: see the next',
  ]);
});
