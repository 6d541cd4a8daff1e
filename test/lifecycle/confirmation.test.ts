import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { confirmSource, isConfirmed } from '../../activities/lifecycle/confirmation.js';
import { forecastSources } from '../../activities/lifecycle/forecast.js';
import { takeIn } from '../../activities/lifecycle/intake.js';
import type { LifecyclePorts } from '../../activities/lifecycle/ports.js';
import { createReconcile } from '../../activities/lifecycle/reconcile.js';
import { createForecast } from '../../bin/compose/forecast.js';
import type { Finding } from '../../domain/finding/finding.js';
import { arn } from '../../samples/model/names.js';
import { findingAbout, HOME } from '../support/organisation.js';
import { openProduct, type Product, unique } from '../support/product.js';

let product: Product;
let ports: LifecyclePorts;
beforeAll(async () => {
  product = await openProduct({
    adapt: (all) => ({
      ...all,
      settings: { ...all.settings, confirmedSources: new Set(['larkfield-orca']) },
    }),
  });
  ports = product.ports;
}, 60_000);
afterAll(() => product.close());

function report(findings: readonly Finding[], scanId = unique('scan')) {
  const records = findings.map((finding) => ({ ok: true as const, finding, original: finding }));
  return takeIn(ports, { scanId, source: findings[0]?.source ?? 'wiz', atMs: ports.now(), records });
}

function about(more: Partial<Finding> = {}): Finding {
  return findingAbout(arn.role(HOME, unique('held')), more);
}

function startsOf(finding: Finding): number {
  return product.starter.started.filter((start) => start.subject === finding.subject.id).length;
}

const effects = async () => [(await product.tickets()).length, (await product.notices()).length];

describe('a source that nobody has confirmed', () => {
  it('is read, kept and forecast, and nothing begins, by no way', async () => {
    const before = await effects();
    const finding = about();
    expect(await report([finding])).toMatchObject({ new: 1, started: 0, held: 1 });
    const changed = { ...finding, severity: 'critical' as const };
    expect(await report([changed])).toMatchObject({ changed: 1, started: 0, held: 1 });
    product.clock.offsetMs += 3_600_000;
    await createReconcile(ports)({});
    expect(startsOf(finding)).toBe(0);
    const [row] = await ports.ledger.findings({ text: finding.subject.name });
    expect(row).toMatchObject({ stage: 'new', waitingFor: 'confirmation of its source' });
    const [forecast] = await forecastSources(ports, 'larkfield-wiz');
    expect(forecast).toMatchObject({ confirmed: null, platform: 'wiz', begun: 0 });
    expect(forecast?.phases[0]?.findings).toBeGreaterThan(0);
    expect(await effects()).toEqual(before);
  });

  it('begins once a person has confirmed it, each finding once, and the chain says who', async () => {
    const [first, second] = [about({ source: 'prisma' }), about({ source: 'prisma' })];
    await report([first, second]);
    const desk = createForecast(ports, async () => {
      await createReconcile(ports)({});
    });
    const confirmed = await desk.confirm({ name: 'larkfield-prisma', by: 'priya.raman' });
    expect(confirmed.by).toBe('priya.raman');
    await createReconcile(ports)({});
    expect([startsOf(first), startsOf(second)]).toEqual([1, 1]);
    expect(await report([about({ source: 'prisma' })])).toMatchObject({ started: 1, held: 0 });
    expect(await confirmSource(ports, { name: 'larkfield-prisma', by: 'eve' })).toEqual(confirmed);
    const rows = (await ports.ledger.auditOf({ stream: 'system' })).filter(
      ({ type }) => type === 'intake.confirmed',
    );
    expect(rows).toMatchObject([{ actor: 'priya.raman', fields: { source: 'larkfield-prisma' } }]);
  });

  it('holds back a platform that has another source which is confirmed', async () => {
    const [base] = ports.sources.values();
    if (base === undefined) throw new Error('no source');
    const orca = { ...base, traits: { ...base.traits, vendor: 'orca' } };
    expect(await isConfirmed(ports, 'orca')).toBe(true);
    const sources = new Map([...ports.sources, ['orca-of-a-subsidiary', orca]]);
    expect(await isConfirmed({ ...ports, sources }, 'orca')).toBe(false);
  });
});

describe('what was only handed in', () => {
  it('is confirmed under the name of its platform', async () => {
    const without = { ...ports, sources: new Map() };
    const finding = about({ source: 'lacework' });
    const records = [{ ok: true as const, finding, original: finding }];
    const batch = { scanId: unique('scan'), source: 'lacework', atMs: ports.now(), records };
    expect(await takeIn(without, batch)).toMatchObject({ held: 1 });
    const names = (await forecastSources(without)).map(({ name }) => name);
    expect(names).toContain('lacework');
    await confirmSource(without, { name: 'lacework', by: 'priya.raman' });
    expect(await isConfirmed(without, 'lacework')).toBe(true);
  });
});

describe('a floor', () => {
  it('of a platform counts in place of the general one', async () => {
    const floors = new Map([['orca', { severity: 'critical' as const, score: 0 }]]);
    const strict = { ...ports, settings: { ...ports.settings, floors } };
    const take = (source: Finding['source']) => {
      const finding = about({ source });
      const records = [{ ok: true as const, finding, original: finding }];
      return takeIn(strict, { scanId: unique('scan'), source, atMs: ports.now(), records });
    };
    expect(await take('orca')).toMatchObject({ belowFloor: 1 });
    expect(await take('wiz')).toMatchObject({ belowFloor: 0 });
  });
});
