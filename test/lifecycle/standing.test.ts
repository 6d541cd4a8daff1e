import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Prepared } from '../../activities/contract.js';
import type { StandingBounds } from '../../domain/approval/standing.js';
import { openSigner } from '../../runtime/grant-keys.js';
import { signStanding } from '../../runtime/standing-grants.js';
import { arn, DEVELOPMENT, PRODUCTION } from '../../samples/model/names.js';
import { findingAbout } from '../support/organisation.js';
import { draftOf, type Life, openProduct, type Product, unique, withPorts } from '../support/product.js';

let product: Product;
beforeAll(async () => {
  product = await openProduct();
  await product.flags((flags) => {
    Object.assign(flags.flags['phase'] ?? {}, { defaultVariant: 'automate', targeting: undefined });
    Object.assign(flags.flags['standing-approvals'] ?? {}, { defaultVariant: 'on', targeting: undefined });
  });
}, 60_000);
afterAll(() => product.close());

/** Bounds that cover what these tests draft. */
function bounds(more: Partial<StandingBounds> = {}): StandingBounds {
  return {
    id: unique('standing'),
    grantedBy: 'dana.okafor',
    expiresAtMs: Date.now() + 86_400_000,
    kinds: ['excessive-permissions'],
    environments: ['development'],
    accounts: [DEVELOPMENT],
    maxRisk: 100,
    minConfidence: 0,
    maxPerDay: 5,
    ...more,
  };
}

/** Puts one standing approval and takes every other one away. */
async function grant(given: StandingBounds, signed?: string): Promise<string> {
  const { ledger, now } = product.ports;
  for (const row of await ledger.standingApprovals()) await ledger.revokeStandingApproval(row.id, now(), []);
  await ledger.putStandingApproval(
    {
      id: given.id,
      signed: signed ?? (await signStanding(given, product.signer)),
      grantedBy: given.grantedBy,
      expiresAtMs: given.expiresAtMs,
    },
    [],
  );
  return given.id;
}

async function prepare(tags?: Readonly<Record<string, string>>): Promise<{ life: Life; prepared: Prepared }> {
  const life = await product.begin({ name: unique('standing'), ...(tags !== undefined && { tags }) });
  const { contextDigest } = await product.activities.enrich(life);
  const prepared = await product.activities.prepare({ ...life, contextDigest, phase: 'automate', round: 1 });
  return { life, prepared };
}

async function planned(): Promise<string> {
  const { prepared } = await prepare();
  const changeId = draftOf(prepared).standingChangeId;
  if (changeId === undefined) throw new Error('no standing approval let it through');
  return changeId;
}

const DENY = {
  expired: { expiresAtMs: Date.now() - 1 },
  'another kind': { kinds: ['unused-credential'] },
  'another environment': { environments: ['production'] },
  'another account': { accounts: [PRODUCTION] },
  'a lower risk': { maxRisk: 1 },
  'a higher confidence': { minConfidence: 1.1 },
} satisfies Record<string, Partial<StandingBounds>>;

describe('a standing approval', () => {
  it('lets a change through without a person, and names who granted it', async () => {
    await grant(bounds());
    const changeId = await planned();
    expect(await product.activities.apply({ changeId })).toEqual({ status: 'applied' });
    const row = await product.ports.ledger.change(changeId);
    const audit = await product.ports.ledger.auditOf({ stream: `finding/${row?.findingKeys[0] ?? ''}` });
    expect(audit.find((entry) => entry.type === 'change.planned')?.actor).toBe('dana.okafor');
  });

  it.each(Object.entries(DENY))('for %s covers nothing', async (_what, more) => {
    await grant(bounds(more));
    expect(draftOf((await prepare()).prepared).standingChangeId).toBeUndefined();
  });

  it.each(Object.entries(DENY))(
    'for %s is refused by the change worker, whatever was planned',
    async (_what, more) => {
      const given = bounds();
      await grant(given);
      const changeId = await planned();
      const { ledger } = product.ports;
      const signed = await signStanding({ ...given, ...more }, product.signer);
      const activities = withPorts(product, {
        ledger: {
          ...ledger,
          standingApprovals: async () =>
            (await ledger.standingApprovals()).map((row) => (row.id === given.id ? { ...row, signed } : row)),
        },
      });
      expect(await activities.apply({ changeId })).toMatchObject({ status: 'lapsed' });
    },
  );

  it('never covers a powerful identity', async () => {
    await grant(bounds());
    expect(draftOf((await prepare({ privilege: 'high' })).prepared)).toMatchObject({ highPrivilege: true });
    expect(draftOf((await prepare({ privilege: 'high' })).prepared).standingChangeId).toBeUndefined();
  });

  it('counts uses of a day, and asks a person when they are used up', async () => {
    await grant(bounds({ maxPerDay: 2, expiresAtMs: Date.now() + 3 * 86_400_000 }));
    const changes = [await planned(), await planned()];
    for (const changeId of changes)
      expect(await product.activities.apply({ changeId })).toEqual({ status: 'applied' });
    expect(draftOf((await prepare()).prepared).standingChangeId).toBeUndefined();
    await product.organisation.trail(DEVELOPMENT, [], Date.now());
    product.clock.offsetMs = 86_400_000;
    try {
      expect(await planned()).toMatch(/^change\/standing\//);
    } finally {
      product.clock.offsetMs = 0;
    }
  });

  it('is worth nothing once it was revoked, even for what it let through before', async () => {
    const id = await grant(bounds());
    const changeId = await planned();
    await product.ports.ledger.revokeStandingApproval(id, Date.now(), []);
    expect(await product.activities.apply({ changeId })).toMatchObject({
      status: 'lapsed',
      reason: 'the standing approval was revoked',
    });
    expect(draftOf((await prepare()).prepared).standingChangeId).toBeUndefined();
  });

  it.each<[how: string, alter: (given: StandingBounds) => Promise<string>]>([
    [
      'signed by a stranger',
      async (given) => signStanding(given, await openSigner(`${product.folder}/stranger`)),
    ],
    ['signed as a grant', (given) => product.signer.sign('curtail-grant+jwt', { ...given })],
    ['not signed', async () => 'e30.e30.'],
    [
      'of another id, to escape its revocation',
      (given) => signStanding({ ...given, id: 'revoked' }, product.signer),
    ],
  ])('%s covers nothing, and is refused by the change worker', async (_how, alter) => {
    const good = bounds();
    await grant(good);
    const changeId = await planned();
    const forged = bounds();
    await grant(forged, await alter(forged));
    expect(draftOf((await prepare()).prepared).standingChangeId).toBeUndefined();
    const { ledger } = product.ports;
    const activities = withPorts(product, {
      ledger: {
        ...ledger,
        change: async (id) => {
          const row = await ledger.change(id);
          return row === undefined ? undefined : { ...row, standingApprovalId: forged.id };
        },
      },
    });
    expect(await activities.apply({ changeId })).toMatchObject({ status: 'lapsed' });
  });

  it('is switched off by its flag and by the phase', async () => {
    await grant(bounds());
    const set = (name: string, defaultVariant: string) =>
      product.flags((flags) => {
        Object.assign(flags.flags[name] ?? {}, { defaultVariant });
      });
    for (const [name, off, on] of [
      ['standing-approvals', 'off', 'on'],
      ['phase', 'assist', 'automate'],
    ] as const) {
      const changeId = await planned();
      await set(name, off);
      const lapsed = { status: 'lapsed', reason: 'standing approvals are switched off here' };
      expect(await product.activities.apply({ changeId })).toEqual(lapsed);
      expect((await product.ports.ledger.change(changeId))?.status).toBe('refused');
      expect(draftOf((await prepare()).prepared).standingChangeId).toBeUndefined();
      await set(name, on);
      // A person is asked instead, and may say no: switching it on again brings nothing back.
      expect(await product.activities.apply({ changeId })).toEqual(lapsed);
    }
  });

  it('is not needed where the guardrails want a person: that person is asked', async () => {
    await grant(bounds({ environments: ['production'], accounts: [] }));
    const life = await product.begin({ name: unique('attended'), account: PRODUCTION });
    const { contextDigest } = await product.activities.enrich(life);
    const prepared = await product.activities.prepare({
      ...life,
      contextDigest,
      phase: 'automate',
      round: 1,
    });
    expect(draftOf(prepared)).toMatchObject({ phase: 'assist' });
    expect(draftOf(prepared).standingChangeId).toBeUndefined();
  });

  it('covers nothing that is not applied by API', async () => {
    await grant(bounds());
    const subject = arn.role(PRODUCTION, 'reporting-etl');
    const [key = ''] = await product.takeIn([findingAbout(subject)]);
    const life = { key, role: subject, workflowId: `finding/wiz/${key}`, generation: 1, keys: [key] };
    const { contextDigest } = await product.activities.enrich(life);
    const prepared = await product.activities.prepare({
      ...life,
      contextDigest,
      phase: 'automate',
      round: 1,
    });
    expect(draftOf(prepared)).toMatchObject({ route: 'pull-request' });
    expect(draftOf(prepared).standingChangeId).toBeUndefined();
  });
});

it('keeps the audit chain intact through all of this', async () => {
  expect(await product.ports.ledger.verifyAudit()).toMatchObject({ ok: true, faults: [] });
});
