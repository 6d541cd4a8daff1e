import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CompactSign, SignJWT } from 'jose';
import type { GrantClaims } from '../../domain/approval/grant.js';
import {
  type GatewaySigner,
  openPublicKeys,
  openSigner,
  publicKeyIds,
  retirePublicKey,
  rotateSigner,
} from '../../runtime/grant-keys.js';
import { GRANT_TYP, type GrantRequest, mintGrant, verifyGrant } from '../../runtime/grants.js';

const NOW = Date.UTC(2026, 10, 24, 9, 0, 0);
const MINUTE = 60_000;
const wanted: GrantRequest = {
  sub: 'ana',
  workflowId: 'finding/wiz/0123456789abcdef',
  requestId: 'finding/wiz/0123456789abcdef#g1r1',
  digest: 'd'.repeat(64),
  verdict: 'approve',
  via: 'page',
};

let root: string;
let folder: string;
let signer: GatewaySigner;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'grants-'));
  folder = path.join(root, 'keys');
  signer = await openSigner(folder);
});
afterAll(() => rm(root, { recursive: true }));

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

describe('keys', () => {
  it('are made at the first start and opened at the next', async () => {
    const own = path.join(root, 'first');
    const first = await openSigner(own);
    const second = await openSigner(own);
    expect([first.fresh, second.fresh]).toEqual([true, false]);
    expect(second.kid).toBe(first.kid);
    expect((await stat(path.join(own, 'private.jwk'))).mode & 0o777).toBe(0o600);
    expect((await readdir(own)).sort()).toEqual(['private.jwk', 'public']);
  });

  it('are one pair when several starts race', async () => {
    const own = path.join(root, 'race');
    const signers = await Promise.all([openSigner(own), openSigner(own), openSigner(own)]);
    const kids = new Set(signers.map((each) => each.kid));
    expect(kids.size).toBe(1);
  });

  it('verify after a rotation, and stop when retired', async () => {
    const own = path.join(root, 'rotation');
    const old = await openSigner(own);
    const grant = await mintGrant(wanted, old, NOW);
    const next = await rotateSigner(own);
    expect(next.kid).not.toBe(old.kid);
    expect((await publicKeyIds(own)).length).toBe(2);
    const keys = openPublicKeys(own);
    expect(await verifyGrant(grant.jws, keys, { nowMs: NOW })).toMatchObject({ ok: true });
    expect(await retirePublicKey(own, old.kid)).toBe(true);
    expect(await verifyGrant(grant.jws, keys, { nowMs: NOW })).toMatchObject({
      ok: false,
      reason: /names a key/,
    });
    expect(await verifyGrant((await mintGrant(wanted, next, NOW)).jws, keys, { nowMs: NOW })).toMatchObject({
      ok: true,
    });
  });

  it('are made anew when the private one is lost, and earlier grants still verify', async () => {
    const own = path.join(root, 'lost');
    const grant = await mintGrant(wanted, await openSigner(own), NOW);
    await rm(path.join(own, 'private.jwk'));
    expect((await openSigner(own)).fresh).toBe(true);
    expect(await verifyGrant(grant.jws, openPublicKeys(own), { nowMs: NOW })).toMatchObject({ ok: true });
  });

  it('are refused when others can read them or they are damaged', async () => {
    const own = path.join(root, 'shared');
    await openSigner(own);
    await chmod(path.join(own, 'private.jwk'), 0o644);
    await expect(openSigner(own)).rejects.toThrow(/chmod 600/);
    await writeFile(path.join(own, 'private.jwk'), '{"kty":"OKP"}');
    await chmod(path.join(own, 'private.jwk'), 0o600);
    await expect(openSigner(own)).rejects.toThrow(/damaged/);
  });

  it('are only read from their own files', async () => {
    const keys = openPublicKeys(folder);
    expect(await keys.find('../private')).toBeUndefined();
    expect(await keys.find('A'.repeat(43))).toBeUndefined();
    await writeFile(
      path.join(folder, 'public', `${'A'.repeat(43)}.jwk`),
      JSON.stringify({ kty: 'OKP', crv: 'Ed25519', x: 'B'.repeat(43) }),
    );
    expect(await keys.find('A'.repeat(43))).toBeUndefined();
  });
});

describe('a grant', () => {
  it('says what was decided and lasts ten minutes', async () => {
    const { jws, claims } = await mintGrant(
      { ...wanted, verdict: 'edit', reason: 'needed at month end', keepActions: ['s3:PutObject'] },
      signer,
      NOW,
    );
    const answer = await verifyGrant(jws, openPublicKeys(folder), { nowMs: NOW + 9 * MINUTE });
    expect(answer).toEqual({ ok: true, claims });
    expect(claims.exp - claims.iat).toBe(600);
  });

  it('never has the id of another', async () => {
    const [one, two] = [await mintGrant(wanted, signer, NOW), await mintGrant(wanted, signer, NOW)];
    expect(one.claims.jti).not.toBe(two.claims.jti);
  });

  it('is not minted for a reason that is too long to read back', async () => {
    await expect(
      mintGrant({ ...wanted, verdict: 'reject', reason: 'x'.repeat(2_001) }, signer, NOW),
    ).rejects.toThrow(/reason/);
    await expect(
      mintGrant({ ...wanted, verdict: 'reject', reason: '語'.repeat(1_000) }, signer, NOW),
    ).resolves.toBeDefined();
    await expect(
      mintGrant(
        {
          ...wanted,
          verdict: 'reject',
          reason: '🙈'.repeat(1_000),
          keepActions: Array.from({ length: 200 }, (_, i) => `s3:GetObject${i}`),
        },
        signer,
        NOW,
      ),
    ).rejects.toThrow(/together/);
  });

  it.each<[name: string, nowMs: number, judgedAtMs: number | undefined, reason: RegExp | undefined]>([
    ['used at once', NOW, undefined, undefined],
    ['from a gateway half a minute ahead', NOW - 30_000, undefined, undefined],
    ['from a gateway half a minute behind at its end', NOW + 10 * MINUTE + 30_000, undefined, undefined],
    ['from a gateway an hour ahead', NOW - 60 * MINUTE, undefined, /60 minutes in the future.*time server/],
    ['from a gateway an hour behind', NOW + 70 * MINUTE, undefined, /expired 60 minutes ago/],
    ['recorded in time and applied two days later', NOW + 2880 * MINUTE, NOW + MINUTE, undefined],
    ['recorded too late', NOW + 2880 * MINUTE, NOW + 20 * MINUTE, /expired/],
    ['recorded in the future', NOW, NOW + 5 * MINUTE, /recorded in the future/],
  ])('%s', async (_name, nowMs, judgedAtMs, reason) => {
    const { jws } = await mintGrant(wanted, signer, NOW);
    const answer = await verifyGrant(jws, openPublicKeys(folder), {
      nowMs,
      ...(judgedAtMs !== undefined && { judgedAtMs }),
    });
    if (reason === undefined) expect(answer.ok).toBe(true);
    else expect(answer).toMatchObject({ ok: false, reason: expect.stringMatching(reason) });
  });
});

describe('what is no grant', () => {
  const iat = NOW / 1000;
  const claims: GrantClaims = {
    ...wanted,
    iss: 'curtail-gateway',
    aud: 'curtail-decision',
    jti: 'j'.repeat(36),
    iat,
    exp: iat + 600,
  };

  it.each<[name: string, typ: string, payload: object, reason: RegExp]>([
    ['of another kind', 'curtail-standing+jwt', claims, /not a grant/],
    ['of another issuer', GRANT_TYP, { ...claims, iss: 'elsewhere' }, /claims.*iss/],
    ['for another audience', GRANT_TYP, { ...claims, aud: ['curtail-decision'] }, /claims.*aud/],
    ['good for an hour', GRANT_TYP, { ...claims, exp: iat + 3600 }, /longer than ten minutes/],
    ['that ends before it begins', GRANT_TYP, { ...claims, exp: iat - 1 }, /longer than/],
    ['with a claim that nobody knows', GRANT_TYP, { ...claims, role: 'admin' }, /claims/],
    ['without a person', GRANT_TYP, { ...claims, sub: undefined }, /sub/],
    ['with a verdict of its own', GRANT_TYP, { ...claims, verdict: 'yes' }, /verdict/],
  ])('a signature of ours %s', async (_name, typ, payload, reason) => {
    const jws = await signer.sign(typ, { ...payload });
    expect(await verifyGrant(jws, openPublicKeys(folder), { nowMs: NOW })).toMatchObject({
      ok: false,
      reason: expect.stringMatching(reason),
    });
  });

  it.each<[name: string, offered: unknown]>([
    ['nothing', undefined],
    ['an object', { grant: 'x' }],
    ['an empty text', ''],
    ['three dots', '...'],
    ['a megabyte', 'x'.repeat(1_000_000)],
    [
      'unsigned claims',
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{}').toString('base64url')}.`,
    ],
  ])('%s', async (_name, offered) => {
    expect((await verifyGrant(offered, openPublicKeys(folder), { nowMs: NOW })).ok).toBe(false);
  });

  it('a text that is signed with the public key as a shared secret', async () => {
    const jws = await new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'HS256', kid: signer.kid, typ: GRANT_TYP })
      .sign(randomBytes(32));
    expect(await verifyGrant(jws, openPublicKeys(folder), { nowMs: NOW })).toEqual({
      ok: false,
      reason: 'the grant is not signed with EdDSA',
    });
  });

  it("a stranger's signature under the gateway's key id", async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const jws = await new CompactSign(encode(claims))
      .setProtectedHeader({ alg: 'EdDSA', kid: signer.kid, typ: GRANT_TYP })
      .sign(privateKey);
    expect(await verifyGrant(jws, openPublicKeys(folder), { nowMs: NOW })).toEqual({
      ok: false,
      reason: "the grant's signature is not the gateway's",
    });
  });

  it('one whose bits were changed anywhere', async () => {
    const { jws } = await mintGrant(wanted, signer, NOW);
    const keys = openPublicKeys(folder);
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: jws.length - 2 }),
        fc.constantFrom(...'AQgw019_-.'),
        async (at, letter) => {
          fc.pre(jws[at] !== letter);
          const answer = await verifyGrant(jws.slice(0, at) + letter + jws.slice(at + 1), keys, {
            nowMs: NOW,
          });
          expect(answer.ok).toBe(false);
        },
      ),
      { numRuns: 200 },
    );
  });
});
