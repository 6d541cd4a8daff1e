import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ApprovalRequest } from '../../domain/approval/request.js';
import { openSigner } from '../../runtime/grant-keys.js';
import { GRANT_TYP, mintGrant } from '../../runtime/grants.js';
import { STANDING_TYP } from '../../runtime/standing-grants.js';
import { arn } from '../../samples/model/names.js';
import { requestId } from '../../workflows/naming.js';
import { HOME } from '../support/organisation.js';
import {
  askInput,
  decide,
  draftOf,
  offer,
  openProduct,
  type Played,
  type Product,
  playUntilAsked,
  unique,
} from '../support/product.js';

let product: Product;
let open: Played;
beforeAll(async () => {
  product = await openProduct();
  open = await playUntilAsked(product, await product.begin({ name: unique('open') }));
}, 60_000);
afterAll(() => product.close());

/** The same question with something changed, under an id of its own. */
async function another(played: Played, more: Partial<ApprovalRequest>): Promise<Played> {
  const row = await product.ports.ledger.request(played.requestId);
  if (row === undefined) throw new Error(`there is no request ${played.requestId}`);
  const id = unique('request');
  await product.ports.ledger.openRequest({ ...row, request: { ...row.request, ...more, id } }, []);
  return { ...played, requestId: id };
}

describe('separation of duties', () => {
  it.each<[who: string, personId: string, reason: string]>([
    ['somebody of another team', 'jonas.weber', 'is not asked here'],
    ['an auditor', 'samuel.adeyemi', 'has no role that decides'],
    ['an operator', 'grace.holm', 'has no role that decides'],
    ['somebody whom the directory does not know', 'mallory', 'does not know this person'],
    ['a name of the prototype', '__proto__', 'does not know this person'],
  ])('refuses %s, on record, and stays open', async (_who, personId, reason) => {
    expect(await decide(product, open, personId)).toEqual({
      outcome: 'refused',
      reason: expect.stringContaining(reason),
    });
    expect((await product.ports.ledger.request(open.requestId))?.status).toBe('open');
    expect((await product.audit(open.life.key)).at(-1)).toBe('decision.refused');
  });

  it('refuses who edited the draft, and takes another person', async () => {
    const life = await product.begin({ name: unique('edited') });
    const first = await playUntilAsked(product, life);
    expect(
      await decide(product, first, 'priya.raman', {
        verdict: 'edit',
        reason: 'cleaned up yearly',
        keepActions: ['s3:DeleteObject'],
      }),
    ).toMatchObject({ complete: true, verdict: 'edit', by: 'priya.raman' });
    const prepared = draftOf(
      await product.activities.prepare({
        ...life,
        contextDigest: first.contextDigest,
        phase: 'assist',
        round: 2,
        edit: {
          by: 'priya.raman',
          keepActions: ['s3:DeleteObject'],
          reason: 'cleaned up yearly',
          previousDigest: first.prepared.digest,
        },
      }),
    );
    expect(prepared.digest).not.toBe(first.prepared.digest);
    const again = { ...first, prepared, requestId: requestId(life.workflowId, 1, 2, prepared.digest) };
    await product.activities.ask(askInput(product, again));
    expect(await decide(product, again, 'priya.raman')).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining('drafted or edited'),
    });
    expect(await decide(product, again, 'dana.okafor')).toMatchObject({ complete: true, verdict: 'approve' });
  });

  it('refuses who asked for the change', async () => {
    const asked = await another(open, { requestedBy: 'priya.raman' });
    expect(await decide(product, asked, 'priya.raman')).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining('asked for a change'),
    });
  });

  it('refuses the person whose own access it is', async () => {
    const identity = arn.user(HOME, 'priya.raman');
    const own = await another(open, { identity });
    expect(await decide(product, own, 'priya.raman')).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining('their own identity'),
    });
    expect(await decide(product, own, 'dana.okafor')).toMatchObject({ outcome: 'accepted' });
  });

  it('lets who can assume the identity approve a proved reduction and nothing else', async () => {
    const assumers = [arn.user(HOME, 'priya.raman')];
    const played = await playUntilAsked(product, await product.begin({ name: unique('assumed'), assumers }));
    const unproved = await another(played, { provedReduction: false });
    expect(await decide(product, unproved, 'priya.raman')).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining('only a proved reduction'),
    });
    expect(await decide(product, played, 'priya.raman')).toMatchObject({
      outcome: 'accepted',
      complete: true,
    });
  });

  it('needs two different people for a powerful identity, however often one clicks', async () => {
    const played = await playUntilAsked(
      product,
      await product.begin({ name: unique('powerful'), tags: { privilege: 'high' } }),
    );
    expect(played.prepared.highPrivilege).toBe(true);
    for (let click = 0; click < 3; click += 1)
      expect(await decide(product, played, 'priya.raman')).toEqual({
        outcome: 'accepted',
        complete: false,
        waitingFor: 1,
      });
    expect(await product.ports.ledger.change(`change/${played.requestId}`)).toBeUndefined();
    expect(await decide(product, played, 'ines.moreau')).toMatchObject({
      complete: true,
      verdict: 'approve',
    });
  });

  it.each([
    ['reject', 'a rejection needs a reason'],
    ['edit', 'an edit needs a reason'],
  ] as const)('takes no %s without a reason', async (verdict, reason) => {
    expect(await decide(product, open, 'priya.raman', { verdict })).toEqual({ outcome: 'refused', reason });
  });
});

describe('a grant', () => {
  it('of another key is refused', async () => {
    const stranger = await openSigner(`${product.folder}/stranger`);
    const { jws } = await mintGrant(
      {
        sub: 'priya.raman',
        workflowId: open.life.workflowId,
        requestId: open.requestId,
        digest: open.prepared.digest,
        verdict: 'approve',
        via: 'page',
      },
      stranger,
      Date.now(),
    );
    expect(await offer(product, open, jws)).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining("not one of the gateway's"),
    });
  });

  it.each<[name: string, alter: (jws: string) => string]>([
    ['whose signature was altered', (jws) => `${jws.slice(0, -4)}AAAA`],
    [
      'whose claims were altered',
      (jws) => {
        const [head = '', body = '', tail = ''] = jws.split('.');
        const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object;
        const other = Buffer.from(JSON.stringify({ ...claims, sub: 'dana.okafor' })).toString('base64url');
        return [head, other, tail].join('.');
      },
    ],
    [
      'without a signature',
      (jws) => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${jws.split('.')[1] ?? ''}.`,
    ],
    ['that is no grant', () => 'yes'],
    ['of 100 kB', (jws) => jws.padEnd(100_000, 'A')],
  ])('%s is refused', async (_name, alter) => {
    const grant = alter(await product.sign({ sub: 'priya.raman', requestId: open.requestId }));
    expect(await offer(product, open, grant)).toMatchObject({ outcome: 'refused' });
  });

  it('is refused when it is too old, or from the future by the clock of this process', async () => {
    const signedAt = async (offsetMs: number) =>
      offer(
        product,
        open,
        await product.sign({ sub: 'priya.raman', requestId: open.requestId }, Date.now() + offsetMs),
      );
    expect(await signedAt(-12 * 60_000)).toMatchObject({ reason: expect.stringContaining('expired') });
    expect(await signedAt(60 * 60_000)).toMatchObject({
      reason: expect.stringContaining('60 minutes in the future'),
    });
    expect(await signedAt(-60 * 60_000)).toMatchObject({ reason: expect.stringContaining('clock') });
  });

  it.each<[other: string, claims: Record<string, string>, reason: string]>([
    ['another workflow', { workflowId: 'finding/wiz/other' }, 'for another request'],
    ['another digest', { digest: 'f'.repeat(64) }, 'changed since it was shown'],
  ])('for %s is refused', async (_other, claims, reason) => {
    expect(await decide(product, open, 'priya.raman', claims)).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining(reason),
    });
  });

  it('for another request is refused', async () => {
    const other = await another(open, {});
    const grant = await product.sign({ sub: 'priya.raman', requestId: other.requestId });
    expect(await offer(product, open, grant)).toMatchObject({ outcome: 'refused' });
  });

  it('is no standing approval, and a standing approval is no grant', async () => {
    const grant = await product.sign({ sub: 'priya.raman', requestId: open.requestId });
    const claims = JSON.parse(Buffer.from(grant.split('.')[1] ?? '', 'base64url').toString()) as object;
    const standing = await product.signer.sign(STANDING_TYP, { ...claims });
    expect(await offer(product, open, standing)).toMatchObject({ outcome: 'refused' });
  });

  it('that was spent on another request is refused, and decides nothing here', async () => {
    const first = await playUntilAsked(product, await product.begin({ name: unique('spent') }));
    const grant = await product.sign({ sub: 'priya.raman', requestId: first.requestId });
    await offer(product, first, grant);
    const claims = JSON.parse(Buffer.from(grant.split('.')[1] ?? '', 'base64url').toString()) as object;
    const again = await product.signer.sign(GRANT_TYP, {
      ...claims,
      workflowId: open.life.workflowId,
      requestId: open.requestId,
      digest: open.prepared.digest,
    });
    expect(await offer(product, open, again)).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining('used before'),
    });
    expect((await product.ports.ledger.request(open.requestId))?.decisions).toEqual([]);
  });

  it('offered again is the same decision again, even after the request has closed', async () => {
    const played = await playUntilAsked(product, await product.begin({ name: unique('again') }));
    const grant = await product.sign({
      sub: 'priya.raman',
      requestId: played.requestId,
      verdict: 'reject',
      reason: 'no',
    });
    const first = await offer(product, played, grant);
    expect(first).toMatchObject({ complete: true, verdict: 'reject' });
    expect(await offer(product, played, grant)).toEqual(first);
    expect((await product.ports.ledger.request(played.requestId))?.decisions).toHaveLength(1);
    expect(await decide(product, played, 'dana.okafor')).toEqual({
      outcome: 'refused',
      reason: 'already rejected',
    });
  });
});

describe('a caller that lies about the request', () => {
  it.each<[what: string, lie: (played: Played) => Played]>([
    ['workflow', (played) => ({ ...played, life: { ...played.life, workflowId: 'finding/wiz/forged' } })],
    ['digest', (played) => ({ ...played, prepared: { ...played.prepared, digest: 'f'.repeat(64) } })],
  ])('is refused for its %s, and the true one can still decide', async (_what, lie) => {
    const played = await playUntilAsked(product, await product.begin({ name: unique('forged') }));
    const grant = await product.sign({ sub: 'priya.raman', requestId: played.requestId });
    expect(await offer(product, lie(played), grant)).toMatchObject({ outcome: 'refused' });
    expect(await offer(product, played, grant)).toMatchObject({ complete: true, verdict: 'approve' });
    expect(await product.activities.apply({ changeId: `change/${played.requestId}` })).toEqual({
      status: 'applied',
    });
  });

  it('plans the change for the findings that were asked about, whatever keys it names', async () => {
    const played = await playUntilAsked(product, await product.begin({ name: unique('keys') }));
    const lying = { ...played, life: { ...played.life, keys: ['0'.repeat(32)] } };
    await decide(product, lying, 'priya.raman');
    expect((await product.ports.ledger.change(`change/${played.requestId}`))?.findingKeys).toEqual([
      played.life.key,
    ]);
  });
});

it('keeps the audit chain intact through all of this', async () => {
  expect(await product.ports.ledger.verifyAudit()).toMatchObject({ ok: true, faults: [] });
});
