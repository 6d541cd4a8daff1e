import { describe, expect, it } from '@jest/globals';
import { change, decision, draftRow, entry, request } from './builders.js';
import type { Bench } from './port-contract.js';

/** Drafts, requests, decisions, changes, standing approvals and small items. */
export function deskContract({ ledger }: Bench): void {
  describe('drafts', () => {
    it('come back whole, and keep an explanation when they are put again', async () => {
      await ledger().putDraft(draftRow('d1'), [entry('e1')]);
      const explanation = {
        summary: 's',
        whyItMatters: 'w',
        whatChanges: 'c',
        whatStays: 's',
        by: 'offline',
        dropped: 0,
      };
      await ledger().putExplanation('d1', explanation, []);
      await ledger().putDraft({ ...draftRow('d1'), generation: 2 }, [entry('e1')]);
      expect(await ledger().draft('d1')).toEqual({ ...draftRow('d1'), generation: 2, explanation });
      expect(await ledger().draft('d2')).toBeUndefined();
      expect(await ledger().auditOf({})).toHaveLength(1);
    });

    it('are needed for an explanation', async () => {
      const explanation = {
        summary: '',
        whyItMatters: '',
        whatChanges: '',
        whatStays: '',
        by: 'offline',
        dropped: 0,
      };
      await expect(ledger().putExplanation('d9', explanation, [])).rejects.toMatchObject({
        type: 'input.not_found',
      });
    });
  });

  describe('requests', () => {
    it('open once, whoever asks again', async () => {
      const first = await ledger().openRequest(request('r1'), [entry('e1')]);
      expect(first).toEqual({ ...request('r1'), status: 'open', notices: [], decisions: [] });
      const again = await ledger().openRequest({ ...request('r1'), title: 'Another title' }, [entry('e1')]);
      expect(again).toEqual(first);
    });

    it('are found by person, finding and status', async () => {
      await ledger().openRequest(request('r1', { openedAtMs: 1 }), []);
      await ledger().openRequest(request('r2', { openedAtMs: 2, approverIds: [] }), []);
      await ledger().openRequest(request('r3', { openedAtMs: 3, approverIds: ['bob'] }), []);
      await ledger().recordNotice({ requestId: 'r3', rung: 'escalate', to: ['cyd'], deliveredAtMs: 5 }, []);
      await ledger().closeRequest({ requestId: 'r1', status: 'rejected', atMs: 7, note: 'no' }, []);
      const ids = async (filter: Parameters<ReturnType<typeof ledger>['requests']>[0]): Promise<string> =>
        (await ledger().requests(filter)).map((row) => row.request.id).join();
      expect(await ids({})).toBe('r3,r2,r1');
      expect(await ids({ personId: 'ada' })).toBe('r2,r1');
      expect(await ids({ personId: 'cyd', status: 'open' })).toBe('r3,r2');
      expect(await ids({ findingKey: 'k2', limit: 1 })).toBe('r3');
      expect(await ids({ findingKey: 'k9' })).toBe('');
      expect(await ids({ status: 'rejected' })).toBe('r1');
    });

    it('collect ticket, notices and a later expiry', async () => {
      await ledger().openRequest(request('r1'), []);
      const ticket = { id: 't', number: 'SEC-1', url: 'https://desk/t' };
      await ledger().setRequestTicket('r1', ticket, [entry('e1')]);
      const notice = { requestId: 'r1', rung: 'ask', to: ['ada'], deliveredAtMs: 1_100 };
      await ledger().recordNotice(notice, []);
      await ledger().recordNotice({ ...notice, deliveredAtMs: 1_200 }, []);
      await ledger().extendRequest('r1', 8_000, []);
      expect((await ledger().request('r1'))?.request.expiresAtMs).toBe(9_000);
      await ledger().extendRequest('r1', 12_000, ['bob', 'ada']);
      expect(await ledger().request('r1')).toMatchObject({
        ticket,
        notices: [{ rung: 'ask', to: ['ada'], deliveredAtMs: 1_100 }],
        request: { expiresAtMs: 12_000, approverIds: ['ada', 'bob'] },
      });
      expect(await ledger().requests({ personId: 'bob' })).toHaveLength(1);
      expect(await ledger().requests({ personId: 'eve' })).toEqual([]);
    });

    it('stay closed as they were closed, save that an approval may become void', async () => {
      await ledger().openRequest(request('r1'), []);
      await ledger().closeRequest({ requestId: 'r1', status: 'approved', atMs: 7 }, []);
      await ledger().closeRequest({ requestId: 'r1', status: 'expired', atMs: 8 }, []);
      expect(await ledger().request('r1')).toMatchObject({ status: 'approved', closedMs: 7 });
      await ledger().extendRequest('r1', 99_000, ['eve']);
      expect((await ledger().request('r1'))?.request.expiresAtMs).toBe(9_000);
      await ledger().closeRequest(
        { requestId: 'r1', status: 'void', atMs: 9, note: 'the draft changed' },
        [],
      );
      expect(await ledger().request('r1')).toMatchObject({
        status: 'void',
        closedMs: 9,
        note: 'the draft changed',
      });
    });
  });

  describe('a request that is void or expired', () => {
    it.each(['void', 'expired'] as const)(
      '%s is asked again, and its decisions are struck',
      async (status) => {
        await ledger().openRequest(request('r1', { highPrivilege: true }), []);
        await ledger().recordDecision(decision('j1'), []);
        await ledger().closeRequest({ requestId: 'r1', status, atMs: 7, note: 'it was terminated' }, []);
        const again = { requestId: 'r1', openedAtMs: 20_000, expiresAtMs: 30_000, alsoAsked: ['bob'] };
        const opened = await ledger().reopenRequest(again, [entry('e1')]);
        expect(opened).toEqual({
          ...request('r1', {
            highPrivilege: true,
            openedAtMs: 20_000,
            expiresAtMs: 30_000,
            approverIds: ['ada', 'bob'],
          }),
          status: 'open',
          notices: [],
          decisions: [],
          reopened: 1,
        });
        expect(await ledger().request('r1')).toEqual(opened);
        expect(await ledger().reopenRequest(again, [entry('e2')])).toEqual(opened);
        expect(await ledger().auditOf({})).toHaveLength(1);
        await ledger().extendRequest('r1', 40_000, ['cyd']);
        expect(await ledger().request('r1')).toMatchObject({ decisions: [], reopened: 1 });
        expect(await ledger().recordDecision(decision('j1'), [entry('e3')])).toEqual({
          outcome: 'used-elsewhere',
          decisions: [],
        });
        expect(await ledger().recordDecision(decision('j2'), [])).toEqual({
          outcome: 'recorded',
          decisions: [decision('j2')],
        });
      },
    );

    it.each(['open', 'approved', 'rejected', 'edited'] as const)(
      'and only such a one: %s stays',
      async (status) => {
        const first = await ledger().openRequest(request('r1'), []);
        if (status !== 'open') await ledger().closeRequest({ requestId: 'r1', status, atMs: 7 }, []);
        const again = { requestId: 'r1', openedAtMs: 20_000, expiresAtMs: 30_000, alsoAsked: [] };
        expect(await ledger().reopenRequest(again, [])).toMatchObject({
          status,
          request: { openedAtMs: first.request.openedAtMs },
        });
      },
    );
  });

  describe('decisions', () => {
    it('count once a grant', async () => {
      await ledger().openRequest(request('r1', { highPrivilege: true }), []);
      const first = await ledger().recordDecision(decision('j1'), [entry('e1')]);
      expect(first).toEqual({ outcome: 'recorded', decisions: [decision('j1')] });
      const again = await ledger().recordDecision(decision('j1'), [entry('e1')]);
      expect(again).toEqual({ outcome: 'repeated', decisions: [decision('j1')] });
      const second = await ledger().recordDecision(decision('j2', { personId: 'bob' }), [entry('e2')]);
      expect(second.decisions.map(({ personId }) => personId)).toEqual(['ada', 'bob']);
      expect((await ledger().request('r1'))?.decisions).toHaveLength(2);
    });

    it('refuse a grant that was spent elsewhere, and then say nothing of a decision', async () => {
      await ledger().openRequest(request('r1'), []);
      await ledger().openRequest(request('r2'), []);
      await ledger().recordDecision(decision('j1'), []);
      const stolen = await ledger().recordDecision(decision('j1', { requestId: 'r2' }), [entry('e1')]);
      expect(stolen).toEqual({ outcome: 'used-elsewhere', decisions: [] });
      expect(await ledger().auditOf({})).toEqual([]);
      const forged = await ledger().recordDecision(decision('j1', { workflowId: 'other' }), []);
      expect(forged.outcome).toBe('used-elsewhere');
    });

    it('count once when they come at the same moment', async () => {
      await ledger().openRequest(request('r1'), []);
      const outcomes = await Promise.all(
        Array.from(
          { length: 8 },
          async () => (await ledger().recordDecision(decision('j1'), [entry('e1')])).outcome,
        ),
      );
      expect(outcomes.filter((outcome) => outcome === 'recorded')).toHaveLength(1);
      expect(await ledger().auditOf({})).toHaveLength(1);
    });

    it('need a request', async () => {
      await expect(ledger().recordDecision(decision('j1'), [])).rejects.toMatchObject({
        type: 'input.not_found',
      });
    });
  });

  describe('changes', () => {
    it('are planned once and remember what became of them', async () => {
      const planned = await ledger().planChange(change('c1'), [entry('e1')]);
      expect(planned).toEqual({ ...change('c1'), status: 'planned' });
      await ledger().setChange('c1', { status: 'applying', captured: [{ Statement: [] }] }, []);
      await ledger().setChange('c1', { status: 'applied', appliedAtMs: 70 }, []);
      const expected = { ...change('c1'), status: 'applied', captured: [{ Statement: [] }], appliedAtMs: 70 };
      expect(await ledger().change('c1')).toEqual(expected);
      expect(await ledger().planChange({ ...change('c1'), digest: 'other' }, [])).toEqual(expected);
    });

    it('are found by finding, target and status', async () => {
      await ledger().planChange(change('c1'), []);
      await ledger().planChange({ ...change('c2'), findingKeys: ['k7'], changes: [] }, []);
      const ids = async (filter: Parameters<ReturnType<typeof ledger>['changes']>[0]): Promise<string> =>
        (await ledger().changes(filter)).map(({ id }) => id).join();
      expect(await ids({})).toBe('c2,c1');
      expect(await ids({ findingKey: 'k7' })).toBe('c2');
      expect(await ids({ arn: 'arn:aws:iam::123456789012:role/k1', status: 'planned' })).toBe('c1');
      expect(await ids({ status: 'verified' })).toBe('');
    });

    it('must be planned before anything becomes of them', async () => {
      await expect(ledger().setChange('c9', { status: 'applied' }, [])).rejects.toMatchObject({
        type: 'input.not_found',
      });
    });
  });

  describe('standing approvals', () => {
    const approval = { id: 'sa', signed: 'a.b.c', grantedBy: 'ada', expiresAtMs: 9_000 };

    it('count uses a day, the same use once, also when many come at once', async () => {
      await ledger().putStandingApproval(approval, []);
      const use = (useKey: string, day = '2026-01-01'): Promise<{ allowed: boolean; used: number }> =>
        ledger().useStandingApproval({ id: 'sa', useKey, day, maxPerDay: 3 });
      const answers = await Promise.all(Array.from({ length: 9 }, (_, i) => use(`u${i}`)));
      expect(answers.filter(({ allowed }) => allowed)).toHaveLength(3);
      const winner = `u${answers.findIndex(({ allowed }) => allowed)}`;
      expect(await use(winner)).toEqual({ allowed: true, used: 3 });
      expect(await use('u10', '2026-01-02')).toEqual({ allowed: true, used: 1 });
    });

    it('cannot be altered or brought back once revoked', async () => {
      await ledger().putStandingApproval(approval, [entry('e1')]);
      await ledger().revokeStandingApproval('sa', 77, [entry('e2')]);
      await ledger().revokeStandingApproval('sa', 88, [entry('e2')]);
      await ledger().putStandingApproval({ ...approval, expiresAtMs: 99_000 }, [entry('e1')]);
      expect(await ledger().standingApprovals()).toEqual([{ ...approval, revokedAtMs: 77 }]);
      const use = { id: 'sa', useKey: 'u', day: 'd', maxPerDay: 3 };
      expect((await ledger().useStandingApproval(use)).allowed).toBe(false);
      await expect(ledger().useStandingApproval({ ...use, id: 'no' })).rejects.toMatchObject({
        type: 'input.not_found',
      });
    });
  });

  describe('items', () => {
    it('expire, are replaced and removed', async () => {
      await ledger().putItem({ bucket: 'b', key: 'k', value: { a: ['\u0000'] }, expiresAtMs: 100 });
      expect(await ledger().item('b', 'k', 99)).toEqual({ a: ['\u0000'] });
      expect(await ledger().item('b', 'k', 100)).toBeUndefined();
      await ledger().putItem({ bucket: 'b', key: 'k', value: null });
      expect(await ledger().item('b', 'k', 1e12)).toBeNull();
      await ledger().removeItem('b', 'k');
      expect(await ledger().item('b', 'k', 1)).toBeUndefined();
    });

    it('are claimed by one caller, until they expire', async () => {
      const claim = (nowMs: number): Promise<boolean> =>
        ledger().claim({ bucket: 'hooks', key: 'h1', expiresAtMs: nowMs + 100, nowMs });
      const answers = await Promise.all(Array.from({ length: 8 }, () => claim(1_000)));
      expect(answers.filter(Boolean)).toHaveLength(1);
      expect(await claim(1_099)).toBe(false);
      expect(await claim(1_100)).toBe(true);
      expect(await claim(1_150)).toBe(false);
    });

    it('hold what is to be done until it is done or too old', async () => {
      const held = { bucket: 'held', expiresAtMs: 2_000, nowMs: 1_000 };
      expect(await ledger().claim({ ...held, key: 'h2', value: { n: 2 }, expiresAtMs: 3_000 })).toBe(true);
      expect(await ledger().claim({ ...held, key: 'h1', value: { n: 1 } })).toBe(true);
      expect(await ledger().claim({ ...held, key: 'h1', value: { n: 9 } })).toBe(false);
      expect(await ledger().claim({ ...held, key: 'h3' })).toBe(true);
      const now = (nowMs: number) => ledger().held({ bucket: 'held', nowMs, limit: 10 });
      expect(await now(1_500)).toEqual([
        { key: 'h1', value: { n: 1 } },
        { key: 'h2', value: { n: 2 } },
      ]);
      await ledger().putItem({ bucket: 'held', key: 'h2', value: true, expiresAtMs: 3_000 });
      expect(await now(1_500)).toEqual([{ key: 'h1', value: { n: 1 } }]);
      expect(await now(2_000)).toEqual([]);
    });
  });

  it('keeps the earliest time of each measure', async () => {
    const measure = { findingKey: 'k', generation: 1, what: 'decided' };
    await ledger().measure();
    await ledger().measure({ ...measure, atMs: 20 }, { ...measure, atMs: 10 });
    await ledger().measure({ ...measure, atMs: 30 });
    await ledger().measure({ ...measure, generation: 2, atMs: 40 });
    expect(await ledger().measures(10)).toEqual([
      { ...measure, atMs: 10 },
      { ...measure, generation: 2, atMs: 40 },
    ]);
    expect(await ledger().measures(41)).toEqual([]);
  });

  it('answers a ping', async () => {
    await expect(ledger().ping()).resolves.toBeUndefined();
  });
}
