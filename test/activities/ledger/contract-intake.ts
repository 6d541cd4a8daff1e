import { describe, expect, it } from '@jest/globals';
import type { Outcome, Stage } from '../../../domain/lifecycle/stage.js';
import { entry, type Recorded, record } from './builders.js';
import type { Bench } from './port-contract.js';

/** Intake, scans, the projection and its filters. */
export function intakeContract({ ledger }: Bench): void {
  const scan = async (
    scanId: string,
    atMs: number,
    records: readonly Recorded[],
  ): Promise<readonly string[]> =>
    (await ledger().recordFindings({ scanId, source: 'generic', atMs, records })).map(
      ({ key, disposition, generation }) => `${key} ${disposition} ${generation}`,
    );
  const setStage = (key: string, stage: Stage, outcome?: Outcome): Promise<void> =>
    ledger().setStage({ keys: [key], stage, atMs: 50, ...(outcome !== undefined && { outcome }) }, []);

  describe('intake', () => {
    it('starts nothing twice, however often the same export is read', async () => {
      expect(await scan('s1', 10, [record('a'), record('b')])).toEqual(['a new 1', 'b new 1']);
      await setStage('a', 'enriching');
      await setStage('b', 'enriching');
      expect(await scan('s1', 10, [record('a'), record('b')])).toEqual(['a unchanged 1', 'b unchanged 1']);
      expect(await scan('s2', 20, [record('a'), record('b')])).toEqual(['a unchanged 1', 'b unchanged 1']);
      expect(await ledger().finding('a')).toMatchObject({
        firstSeenMs: 10,
        lastSeenMs: 20,
        stage: 'enriching',
      });
    });

    it('tells an intake that died before it started anything once more', async () => {
      await scan('s1', 10, [record('a')]);
      expect(await scan('s1', 10, [record('a')])).toEqual(['a new 1']);
    });

    it('says of all lives that are about to begin where they are, or of none', async () => {
      await scan('s1', 10, [record('a'), record('b')]);
      await ledger().setStage({ keys: ['a'], stage: 'closed', outcome: 'verified', note: 'n', atMs: 20 }, []);
      const treatment = { kind: 'deep-analysis' as const, reason: 'taken up' };
      const lives = [
        { key: 'b', workflowId: 'w/b', phase: 'assist' as const, treatment },
        { key: 'a', workflowId: 'w/a', clusterId: 'c', phase: 'observe' as const, treatment },
      ];
      const audit = [entry('begun')];
      await expect(
        ledger().beginLives(
          [...lives, { key: 'absent', workflowId: 'w', phase: 'assist', treatment }],
          30,
          audit,
        ),
      ).rejects.toThrow(/absent/);
      expect(await ledger().finding('a')).toMatchObject({ stage: 'closed' });
      expect(await ledger().auditOf({})).toEqual([]);
      await ledger().beginLives(lives, 30, audit);
      const a = await ledger().finding('a');
      expect(a).toMatchObject({
        stage: 'new',
        workflowId: 'w/a',
        clusterId: 'c',
        phase: 'observe',
        updatedMs: 30,
      });
      expect([a?.outcome, a?.note]).toEqual([undefined, undefined]);
      const b = await ledger().finding('b');
      expect([b?.workflowId, b?.clusterId, b?.phase]).toEqual(['w/b', undefined, 'assist']);
      expect(b?.treatment).toEqual(treatment);
      expect(await ledger().auditOf({})).toHaveLength(1);
    });

    it('keeps the last of two reports in one batch', async () => {
      expect(await scan('s1', 10, [record('a', 'f1'), record('a', 'f2')])).toEqual(['a new 1']);
      expect((await ledger().finding('a'))?.fingerprint).toBe('f2');
    });

    it('touches only last_seen when nothing changed', async () => {
      await scan('s1', 10, [record('a')]);
      const before = await ledger().finding('a');
      await scan('s2', 20, [record('a')]);
      expect(await ledger().finding('a')).toEqual({ ...before, lastSeenMs: 20 });
    });

    it('lets a live finding keep its stage when it changed', async () => {
      await scan('s1', 10, [record('a')]);
      await setStage('a', 'awaiting-decision');
      expect(await scan('s2', 20, [record('a', 'f2', { severity: 'critical' })])).toEqual(['a changed 1']);
      const row = await ledger().finding('a');
      expect(row).toMatchObject({
        stage: 'awaiting-decision',
        fingerprint: 'f2',
        finding: { severity: 'critical' },
      });
    });

    it('takes another owner and keeps its stage', async () => {
      await scan('s1', 10, [record('a')]);
      await setStage('a', 'awaiting-decision');
      await ledger().setOwner({ keys: ['a'], owner: 'orders' }, [entry('e1')]);
      expect(await ledger().finding('a')).toMatchObject({ owner: 'orders', stage: 'awaiting-decision' });
      expect(await ledger().auditOf({})).toHaveLength(1);
    });

    it('begins the next generation from the beginning when a closed one changed', async () => {
      await scan('s1', 10, [record('a')]);
      await ledger().setStage(
        {
          keys: ['a'],
          stage: 'closed',
          outcome: 'rejected',
          note: 'no',
          requestId: 'r1',
          draftDigest: 'd',
          atMs: 15,
        },
        [],
      );
      expect(await scan('s2', 20, [record('a')])).toEqual(['a unchanged 1']);
      expect((await ledger().finding('a'))?.outcome).toBe('rejected');
      expect(await scan('s3', 30, [record('a', 'f2')])).toEqual(['a changed 2']);
      const row = await ledger().finding('a');
      expect(row).toMatchObject({ stage: 'new', generation: 2 });
      expect([row?.outcome, row?.note, row?.requestId, row?.draftDigest]).toEqual([
        undefined,
        undefined,
        undefined,
        undefined,
      ]);
    });

    it('keeps each original as evidence', async () => {
      await scan('s1', 10, [record('a', 'f1')]);
      const first = (await ledger().finding('a'))?.originalDigest ?? '';
      await scan('s2', 20, [record('a', 'f2')]);
      const second = (await ledger().finding('a'))?.originalDigest ?? '';
      expect(await ledger().evidence(first)).toEqual({ id: 'a', print: 'f1' });
      expect(await ledger().evidence(second)).toEqual({ id: 'a', print: 'f2' });
    });

    it('finds each finding new once when three scans run at once', async () => {
      const records = Array.from({ length: 50 }, (_, i) => record(`k${i}`));
      const answers = await Promise.all(['s1', 's2', 's3'].map((id) => scan(id, 10, records)));
      const started = answers.flat().filter((answer) => answer.includes(' new '));
      expect(started.toSorted()).toEqual(records.map(({ key }) => `${key} new 1`).toSorted());
    });

    it('holds hostile text as it came', async () => {
      const title = 'NUL \u0000, half a pair \ud800, <script>, "; DROP TABLE findings; --';
      const tags: Record<string, string> = JSON.parse('{"__proto__": "polluted", "constructor": "x"}');
      await scan('s1', 10, [record('a', 'f1', { title, tags, account: '1\u00002' })]);
      const row = await ledger().finding('a');
      expect(row?.finding.title).toBe(title);
      expect(JSON.stringify(row?.finding.tags)).toBe(JSON.stringify(tags));
      expect(await ledger().findings({ text: 'drop table' })).toHaveLength(1);
    });
  });

  describe('a complete scan', () => {
    it('resolves what it did not see, once, and says so again when asked again', async () => {
      await scan('s1', 10, [record('a'), record('b'), record('c')]);
      await ledger().recordFindings({ scanId: 'w1', source: 'wiz', atMs: 10, records: [record('z')] });
      await setStage('b', 'awaiting-decision');
      await scan('s2', 20, [record('a')]);
      const done = { scanId: 's2', source: 'generic', atMs: 21 };
      expect(await ledger().completeScan(done)).toEqual(['b', 'c']);
      expect(await ledger().completeScan(done)).toEqual(['b', 'c']);
      expect(await ledger().finding('b')).toMatchObject({
        sourceState: 'resolved',
        resolvedAtMs: 21,
        stage: 'awaiting-decision',
      });
      expect(await ledger().finding('c')).toMatchObject({ stage: 'closed', outcome: 'resolved-at-source' });
      expect((await ledger().finding('z'))?.sourceState).toBe('open');
      expect(await ledger().lastCompleteScan('generic')).toEqual({ scanId: 's2', atMs: 21 });
      expect(await ledger().lastCompleteScan('wiz')).toBeUndefined();
    });

    it('leaves open what a webhook reported while it ran', async () => {
      await scan('s1', 10, [record('a'), record('b')]);
      await scan('s2', 20, [record('a')]);
      await scan('hook', 25, [record('b')]);
      expect(await ledger().completeScan({ scanId: 's2', source: 'generic', atMs: 30 })).toEqual([]);
    });

    it('leaves open what another scan of the same export saw', async () => {
      await scan('s1', 10, [record('a')]);
      await scan('s2', 20, [record('a')]);
      await scan('s3', 20, [record('a')]);
      expect(await ledger().completeScan({ scanId: 's2', source: 'generic', atMs: 20 })).toEqual([]);
      expect(await ledger().completeScan({ scanId: 's3', source: 'generic', atMs: 20 })).toEqual([]);
      expect((await ledger().finding('a'))?.sourceState).toBe('open');
    });

    it('lets a life go on whose finding is back before it ended', async () => {
      await scan('s1', 10, [record('a')]);
      await setStage('a', 'awaiting-decision');
      await ledger().completeScan({ scanId: 's2', source: 'generic', atMs: 20 });
      expect(await scan('s3', 30, [record('a')])).toEqual(['a unchanged 1']);
      expect(await ledger().finding('a')).toMatchObject({
        stage: 'awaiting-decision',
        sourceState: 'open',
        generation: 1,
      });
    });

    it('includes what the scan itself reported as resolved', async () => {
      await scan('s1', 10, [record('a')]);
      expect(await scan('s2', 20, [record('a', 'f1', { status: 'resolved' })])).toEqual(['a unchanged 1']);
      expect(await ledger().completeScan({ scanId: 's2', source: 'generic', atMs: 20 })).toEqual(['a']);
    });

    it('is not needed for what a report says is resolved before anything took it up', async () => {
      await scan('s1', 10, [record('a'), record('b')]);
      await setStage('b', 'awaiting-decision');
      const gone = { status: 'resolved' as const };
      await scan('s2', 20, [record('a', 'f1', gone), record('b', 'f1', gone)]);
      expect(await ledger().finding('a')).toMatchObject({ stage: 'closed', outcome: 'resolved-at-source' });
      expect(await ledger().finding('b')).toMatchObject({
        stage: 'awaiting-decision',
        sourceState: 'resolved',
      });
    });

    it('is followed by a reopening when a finding returns', async () => {
      await scan('s1', 10, [record('a')]);
      await setStage('a', 'closed', 'verified');
      await ledger().completeScan({ scanId: 's2', source: 'generic', atMs: 20 });
      expect(await scan('s3', 30, [record('a')])).toEqual(['a reopened 2']);
      const row = await ledger().finding('a');
      expect(row).toMatchObject({ stage: 'new', sourceState: 'open', generation: 2 });
      expect([row?.outcome, row?.resolvedAtMs]).toEqual([undefined, undefined]);
    });
  });

  describe('the projection', () => {
    it('changes what an update names, clears on null, and leaves the rest', async () => {
      await scan('s1', 10, [record('a')]);
      const risk = { value: 80, band: 'critical', parts: [], weightsVersion: '1' } as const;
      await ledger().setStage(
        {
          keys: ['a'],
          stage: 'asking',
          note: 'why',
          owner: 'ada',
          phase: 'assist',
          risk,
          decideByMs: 99,
          atMs: 11,
        },
        [],
      );
      await ledger().setStage(
        { keys: ['a'], stage: 'parked', note: null, parked: 'vendor.auth', atMs: 12 },
        [],
      );
      const row = await ledger().finding('a');
      expect(row).toMatchObject({
        stage: 'parked',
        owner: 'ada',
        phase: 'assist',
        risk,
        decideByMs: 99,
        parked: 'vendor.auth',
      });
      expect(row?.note).toBeUndefined();
      expect(row?.updatedMs).toBe(12);
    });

    it('refuses a key that is not there, and then writes nothing', async () => {
      await scan('s1', 10, [record('a')]);
      const audit = [{ id: 'e1', stream: 's', type: 't.t', actor: 'curtail', atMs: 1, fields: {} }];
      const update = ledger().setStage({ keys: ['a', 'nobody'], stage: 'closed', atMs: 11 }, audit);
      await expect(update).rejects.toMatchObject({ type: 'input.not_found' });
      expect((await ledger().finding('a'))?.stage).toBe('new');
      expect(await ledger().auditOf({})).toEqual([]);
    });

    it('begins the next generation of what has ended, and of nothing else', async () => {
      await scan('s1', 10, [record('a')]);
      await expect(ledger().nextGeneration('a')).rejects.toMatchObject({ type: 'input.invalid' });
      await setStage('a', 'closed', 'rejected');
      expect(await ledger().nextGeneration('a')).toBe(2);
      expect(await ledger().finding('a')).toMatchObject({ generation: 2, stage: 'closed' });
      await expect(ledger().nextGeneration('b')).rejects.toMatchObject({ type: 'input.not_found' });
    });

    it('filters and counts', async () => {
      await scan('s1', 10, [
        record('a', 'f1', { severity: 'low', account: '111111111111' }),
        record('b', 'f1', { severity: 'critical' }),
        record('c', 'f1', { kind: 'public-data', title: '100%_sure' }),
      ]);
      await ledger().setStage({ keys: ['a', 'b'], stage: 'clustered', clusterId: 'cl', atMs: 11 }, []);
      await setStage('c', 'closed', 'expired');
      const keys = async (filter: Parameters<ReturnType<typeof ledger>['findings']>[0]): Promise<string> =>
        (await ledger().findings(filter)).map(({ key }) => key).join();
      expect(await keys({})).toBe('b,c,a');
      expect(await keys({ live: true })).toBe('b,a');
      expect(await keys({ live: false })).toBe('c');
      expect(await keys({ stages: ['clustered'], account: '111111111111' })).toBe('a');
      expect(await keys({ outcomes: ['expired'] })).toBe('c');
      expect(await keys({ kind: 'public-data', source: 'generic' })).toBe('c');
      expect(await keys({ clusterId: 'cl', limit: 1, offset: 1 })).toBe('a');
      expect(await keys({ text: '0%_S' })).toBe('c');
      expect(await keys({ text: '%' })).toBe('c');
      expect(await ledger().counts()).toEqual({
        stages: { clustered: 2, closed: 1 },
        outcomes: { expired: 1 },
      });
    });
  });

  it('keeps unreadable records once', async () => {
    const bad = {
      source: 'wiz',
      scanId: 's',
      reason: 'no id',
      pointer: '/3',
      line: 4,
      original: { x: '\u0000' },
      atMs: 9,
    };
    await ledger().quarantine(bad);
    await ledger().quarantine(bad);
    await ledger().quarantine({ source: 'wiz', scanId: 's', reason: 'not JSON', original: 'abc', atMs: 10 });
    const [second, first, ...more] = await ledger().quarantined(10);
    expect(more).toEqual([]);
    expect(first).toMatchObject({
      reason: 'no id',
      pointer: '/3',
      line: 4,
      original: { x: '\u0000' },
      atMs: 9,
    });
    expect(second).toEqual({ id: second?.id, source: 'wiz', reason: 'not JSON', original: 'abc', atMs: 10 });
  });

  it('lists what was dealt with no more, keeps it, and writes its audit row once', async () => {
    await ledger().quarantine({ source: 'wiz', scanId: 's', reason: 'no id', original: { a: 1 }, atMs: 9 });
    const [row] = await ledger().quarantined(10);
    const id = row?.id ?? 0;
    for (const resolution of ['taken-in', 'overtaken'] as const)
      await ledger().resolveQuarantined({ id, resolution, atMs: 20 }, [
        entry(`resolved/${resolution}`, { stream: 'system' }),
      ]);
    expect(await ledger().quarantined(10)).toEqual([]);
    expect(await ledger().quarantineRecord(id)).toEqual({ ...row, resolvedMs: 20, resolution: 'taken-in' });
    expect(await ledger().quarantineRecord(id + 1)).toBeUndefined();
    expect((await ledger().auditOf({ stream: 'system' })).map((each) => each.id)).toEqual([
      'resolved/taken-in',
    ]);
  });
}
