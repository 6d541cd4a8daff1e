import { afterEach, describe, expect, it } from '@jest/globals';
import { type ApprovalSweep, openApprovalSweep } from '../../../client/callbacks/approval-sweep.js';
import type { LookAtTicket } from '../../../client/callbacks/ticket-route.js';
import { Failure, FailureType } from '../../../domain/failure.js';
import { requestRow } from '../gateway/support/organisation.js';
import { AT, openCallbackDesk } from './support.js';

let sweep: ApprovalSweep | undefined;
afterEach(() => sweep?.close());

const HOUR = 3_600_000;

describe('the sweep for decisions whose callback was lost', () => {
  it('delivers once what was decided in a ticket and never called back', async () => {
    let look: LookAtTicket | undefined;
    const { desk, tickets } = openCallbackDesk('servicenow', (given) => {
      look = given;
      return [];
    });
    if (look === undefined) throw new Error('no gateway');
    tickets.approvals = [{ id: 'a1', verdict: 'approve', names: ['ana@example.com'], atIso: AT }];
    sweep = openApprovalSweep({ ledger: desk.ledger, look, everyMs: HOUR, log: () => undefined });
    expect(await sweep.sweep()).toBe(1);
    expect(await sweep.sweep()).toBe(1);
    expect(desk.offers).toHaveLength(1);
    expect(tickets.reads).toBe(2);
    await desk.app.close();
  });

  const rows = ['t1', 't2', 't3'].map((id) => ({
    ...requestRow(),
    ticket: { id, number: id, url: 'https://desk.example.com' },
  }));
  const ledger = { requests: async () => [...rows, ...rows, requestRow()] };

  it('looks at each ticket once, and goes on behind one that cannot be read', async () => {
    const seen: string[] = [];
    const look: LookAtTicket = async (id) => {
      seen.push(id);
      if (id === 't1') throw new Failure(FailureType.VendorShape, 'HTML instead of JSON');
      return 'done';
    };
    sweep = openApprovalSweep({ ledger, look, everyMs: HOUR, log: () => undefined });
    expect(await sweep.sweep()).toBe(2);
    expect(seen).toEqual(['t1', 't2', 't3']);
  });

  it('leaves a ticket system alone that asks for patience, and ends when it is closed', async () => {
    const seen: string[] = [];
    const look: LookAtTicket = async (id) => {
      seen.push(id);
      throw new Failure(FailureType.VendorThrottled, 'HTTP 429');
    };
    const opened = openApprovalSweep({ ledger, look, everyMs: HOUR, log: () => undefined });
    await opened.sweep();
    expect(seen).toEqual(['t1']);
    await opened.close();
    expect(await opened.sweep()).toBe(0);
  });
});
