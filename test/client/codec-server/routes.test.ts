import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { fromWire, toWire } from '../../../client/codec-server/wire.js';
import { EncryptionCodec } from '../../../runtime/payload-codec.js';
import { Secret } from '../../../runtime/secret.js';
import { type Desk, openDesk, signIn } from '../gateway/support/desk.js';
import { type Answer, send } from '../gateway/support/http.js';

const UI = 'http://localhost:8233';
const OLD = new Secret(randomBytes(32).toString('base64'));
const NEW = new Secret(randomBytes(32).toString('base64'));
const before = new EncryptionCodec({ current: 'old', keys: new Map([['old', OLD]]) });
const codec = new EncryptionCodec({
  current: 'new',
  keys: new Map([
    ['new', NEW],
    ['old', OLD],
  ]),
});
const lost = new EncryptionCodec({
  current: 'lost',
  keys: new Map([['lost', new Secret(randomBytes(32).toString('base64'))]]),
});

let desk: Desk;
afterEach(() => desk.app.close());

function open(): Desk {
  desk = openDesk({ codec: { codec, namespace: 'default', origins: [UI] } });
  return desk;
}

function payload(value: unknown): Payload {
  return defaultPayloadConverter.toPayload(value);
}
async function sealed(by: EncryptionCodec, value: unknown): Promise<Payload> {
  return (await by.encode([payload(value)]))[0] ?? {};
}

async function ask(
  path: string,
  payloads: readonly Payload[],
  headers: Record<string, string>,
): Promise<Answer & { payloads: Payload[] }> {
  const answer = await send(desk.app, {
    method: 'POST',
    url: path,
    headers: { 'content-type': 'application/json', 'x-namespace': 'default', origin: UI, ...headers },
    payload: JSON.stringify({ payloads: payloads.map(toWire) }),
  });
  const body = JSON.parse(answer.text) as { payloads?: Parameters<typeof fromWire>[0][] };
  return { ...answer, payloads: (body.payloads ?? []).map(fromWire) };
}
function readings() {
  return desk.ledger.rows.audit.filter(({ type }) => type.startsWith('payload.'));
}
function values(payloads: readonly Payload[]): unknown[] {
  return payloads.map((each) => defaultPayloadConverter.fromPayload(each));
}

describe('the codec server', () => {
  it('decodes what any of its keys sealed, passes plain payloads through, and shows the rest beside one that is lost', async () => {
    const { cookie } = await signIn(open(), 'cleo');
    const given = [await sealed(codec, 1), await sealed(before, 2), payload(3), await sealed(lost, 4)];
    const answer = await ask('/codec/decode', given, { cookie });
    expect(answer.status).toBe(200);
    expect(values(answer.payloads.slice(0, 3))).toEqual([1, 2, 3]);
    expect(answer.payloads[3]).toEqual(given[3]);
    expect(answer.headers['access-control-allow-origin']).toBe(UI);
    expect(answer.headers['access-control-allow-credentials']).toBe('true');
  });

  it('encodes what a person types in the UI, with the current key', async () => {
    const { cookie } = await signIn(open(), 'olga');
    const { payloads } = await ask('/codec/encode', [payload({ grant: 'x' })], { cookie });
    expect(Buffer.from(payloads[0]?.metadata?.['encryption-key-id'] ?? []).toString()).toBe('new');
    expect(values(await codec.decode(payloads))).toEqual([{ grant: 'x' }]);
  });

  it('puts every reading on record before it answers, with who and what, and without the text', async () => {
    const { cookie } = await signIn(open(), 'cleo');
    await ask('/codec/decode', [await sealed(codec, 'secret words')], { cookie });
    const [row] = readings();
    expect(row).toMatchObject({
      stream: 'gateway',
      type: 'payload.decoded',
      actor: 'cleo',
      fields: { namespace: 'default', payloads: 1, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(JSON.stringify(row)).not.toContain('secret words');

    desk.ledger.audit = async () => Promise.reject(new Error('the ledger is gone'));
    const unrecorded = await ask('/codec/decode', [await sealed(codec, 'x')], { cookie });
    expect(unrecorded.status).toBeGreaterThanOrEqual(500);
    expect(unrecorded.payloads).toEqual([]);
  });

  it('answers nobody who is not signed in, may not see every finding, or comes from elsewhere', async () => {
    open();
    const given = [await sealed(codec, 1)];
    const [auditor, owner] = [await signIn(desk, 'cleo'), await signIn(desk, 'ana')];
    const refusals: readonly (readonly [Record<string, string>, number])[] = [
      [{}, 401],
      [{ cookie: 'curtail=forged' }, 401],
      [{ cookie: owner.cookie }, 403],
      [{ cookie: auditor.cookie, origin: 'http://evil.example' }, 403],
      [{ cookie: auditor.cookie, origin: 'null' }, 403],
      [{ cookie: auditor.cookie, 'x-namespace': 'other' }, 403],
    ];
    for (const [headers, status] of refusals) {
      const answer = await ask('/codec/decode', given, headers);
      expect([headers, answer.status, answer.payloads]).toEqual([headers, status, []]);
    }
    expect(readings()).toEqual([]);
  });

  it('tells browsers what the UI may send, and tells pages of other origins nothing', async () => {
    open();
    const preflight = (origin: string): Promise<Answer> =>
      send(desk.app, { method: 'OPTIONS', url: '/codec/decode', headers: { origin } });
    const allowed = await preflight(UI);
    expect(allowed.status).toBe(204);
    expect(allowed.headers['access-control-allow-headers']).toContain('x-namespace');
    const foreign = await preflight('http://evil.example');
    expect(foreign.status).toBe(403);
    expect(foreign.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('refuses what is no list of payloads', async () => {
    const { cookie } = await signIn(open(), 'cleo');
    const headers = { 'content-type': 'application/json', 'x-namespace': 'default', origin: UI, cookie };
    for (const text of ['{}', 'null', '{"payloads":[1]}', '{"payloads":[{"data":"not base64!"}]}', '{'])
      expect(
        (await send(desk.app, { method: 'POST', url: '/codec/decode', headers, payload: text })).status,
      ).toBe(400);
  });

  it('is not there where payloads are not encrypted', async () => {
    desk = openDesk();
    const { cookie } = await signIn(desk, 'cleo');
    expect((await ask('/codec/decode', [], { cookie })).status).toBe(404);
  });
});
