import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  hmacSha256,
  type SignatureCheck,
  secretHeader,
  slackV0,
  standardWebhooks,
} from '../../../client/gateway/signatures.js';
import { findingsWebhook, type WebhookRoute } from '../../../client/gateway/webhooks.js';
import { Secret } from '../../../runtime/secret.js';
import { type Desk, openDesk } from './support/desk.js';
import { type Answer, send } from './support/http.js';
import { NOW } from './support/organisation.js';

const KEY = 'correct horse battery staple';
const secret = new Secret(KEY);
const seconds = String(NOW / 1000);
const receipt = {
  received: 1,
  new: 1,
  changed: 0,
  reopened: 0,
  unchanged: 0,
  quarantined: 0,
  started: 1,
  held: 0,
};
let desk: Desk | undefined;
afterEach(async () => {
  await desk?.app.close();
  desk = undefined;
});

function sign(text: string, key: string | Buffer = KEY, encoding: 'hex' | 'base64' = 'hex'): string {
  return createHmac('sha256', key).update(text).digest(encoding);
}

describe('a signature', () => {
  const body = Buffer.from('{"a":1}');
  const hmac = hmacSha256({ secret, header: 'X-Signature' });
  const timed = hmacSha256({ secret, header: 'x-signature', timestampHeader: 'x-timestamp' });
  const slack = slackV0({ secret });
  const whKey = Buffer.from('0123456789abcdef0123456789abcdef');
  const standard = standardWebhooks({
    secrets: [
      new Secret(`whsec_${Buffer.from('old').toString('base64')}`),
      new Secret(`whsec_${whKey.toString('base64')}`),
    ],
  });
  const shared = secretHeader({ secret, header: 'authorization', scheme: 'Bearer' });
  const wh = { 'webhook-id': 'm1', 'webhook-timestamp': seconds };
  const v1 = `v1,${sign(`m1.${seconds}.{"a":1}`, whKey, 'base64')}`;
  const slackHeaders = {
    'x-slack-request-timestamp': seconds,
    'x-slack-signature': `v0=${sign(`v0:${seconds}:{"a":1}`)}`,
  };

  it.each<
    [name: string, check: SignatureCheck, headers: Record<string, string>, ok: boolean, lateMs?: number]
  >([
    ['HMAC', hmac, { 'x-signature': sign('{"a":1}') }, true],
    ['HMAC with its prefix', hmac, { 'x-signature': `sha256=${sign('{"a":1}')}` }, true],
    ['HMAC in capitals', hmac, { 'x-signature': sign('{"a":1}').toUpperCase() }, true],
    ['HMAC of other bytes', hmac, { 'x-signature': sign('{"a":2}') }, false],
    ['HMAC with another key', hmac, { 'x-signature': sign('{"a":1}', 'x') }, false],
    ['no HMAC', hmac, {}, false],
    ['half an HMAC', hmac, { 'x-signature': sign('{"a":1}').slice(0, 32) }, false],
    ['no hex', hmac, { 'x-signature': 'z'.repeat(64) }, false],
    ['an endless header', hmac, { 'x-signature': 'a'.repeat(10_000) }, false],
    ['HMAC with time', timed, { 'x-signature': sign(`${seconds}.{"a":1}`), 'x-timestamp': seconds }, true],
    [
      'HMAC with time, four minutes late',
      timed,
      { 'x-signature': sign(`${seconds}.{"a":1}`), 'x-timestamp': seconds },
      true,
      240_000,
    ],
    [
      'HMAC with time, six minutes late',
      timed,
      { 'x-signature': sign(`${seconds}.{"a":1}`), 'x-timestamp': seconds },
      false,
      360_000,
    ],
    [
      'HMAC with time, six minutes early',
      timed,
      { 'x-signature': sign(`${seconds}.{"a":1}`), 'x-timestamp': seconds },
      false,
      -360_000,
    ],
    ['HMAC without its time', timed, { 'x-signature': sign(`${seconds}.{"a":1}`) }, false],
    [
      'HMAC with a time that is none',
      timed,
      { 'x-signature': sign('NaN.{"a":1}'), 'x-timestamp': 'NaN' },
      false,
    ],
    [
      'HMAC with another time',
      timed,
      { 'x-signature': sign(`${seconds}.{"a":1}`), 'x-timestamp': String(NOW / 1000 + 1) },
      false,
    ],
    ['Slack', slack, slackHeaders, true],
    ['Slack, replayed later', slack, slackHeaders, false, 301_000],
    [
      'Slack of another version',
      slack,
      { ...slackHeaders, 'x-slack-signature': `v1=${sign(`v0:${seconds}:{"a":1}`)}` },
      false,
    ],
    ['Slack without a signature', slack, { 'x-slack-request-timestamp': seconds }, false],
    ['Standard Webhooks', standard, { ...wh, 'webhook-signature': v1 }, true],
    [
      'Standard Webhooks, several signatures',
      standard,
      { ...wh, 'webhook-signature': `v1a,xx v1,AAAA ${v1}` },
      true,
    ],
    [
      'Standard Webhooks for another id',
      standard,
      { ...wh, 'webhook-id': 'm2', 'webhook-signature': v1 },
      false,
    ],
    ['Standard Webhooks, stale', standard, { ...wh, 'webhook-signature': v1 }, false, 400_000],
    [
      'Standard Webhooks without an id',
      standard,
      { 'webhook-timestamp': seconds, 'webhook-signature': v1 },
      false,
    ],
    ['a shared secret', shared, { authorization: `Bearer ${KEY}` }, true],
    ['a shared secret without scheme', shared, { authorization: KEY }, false],
    ['a wrong secret', shared, { authorization: 'Bearer x' }, false],
    ['no secret', shared, {}, false],
  ])('%s', (_name, check, headers, ok, lateMs = 0) => {
    const objection = check({ headers, body }, NOW + lateMs);
    if (ok) expect(objection).toBeUndefined();
    else expect(objection).toEqual(expect.any(String));
  });
});

describe('the findings webhook', () => {
  const verify = hmacSha256({ secret, header: 'x-signature', timestampHeader: 'x-timestamp' });

  function open(over: Partial<WebhookRoute> = {}): string[] {
    const taken: string[] = [];
    const route = findingsWebhook({
      source: 'generic',
      verify,
      intake: async ({ body }) => {
        const chunks: Buffer[] = [];
        for await (const chunk of body) chunks.push(Buffer.from(chunk));
        taken.push(Buffer.concat(chunks).toString());
        return receipt;
      },
    });
    desk = openDesk({ openWebhooks: () => [{ ...route, ...over }] });
    return taken;
  }

  function deliver(body: string | Buffer, headers: Record<string, string> = {}): Promise<Answer> {
    if (desk === undefined) throw new Error('no gateway');
    const mac = createHmac('sha256', KEY).update(`${seconds}.`).update(body).digest('hex');
    const all = {
      'content-type': 'application/json',
      'x-timestamp': seconds,
      'x-signature': mac,
      ...headers,
    };
    return send(desk.app, { method: 'POST', url: '/webhooks/findings/generic', headers: all, payload: body });
  }

  it('hands the bytes on and says what became of them', async () => {
    const taken = open();
    const answer = await deliver('{"finding": {"identityArn": "arn:aws:iam::1:role/r"}}');
    expect([answer.status, JSON.parse(answer.text)]).toEqual([202, receipt]);
    expect(taken).toEqual(['{"finding": {"identityArn": "arn:aws:iam::1:role/r"}}']);
  });

  it('takes a delivery once, and again when the first time failed', async () => {
    const taken = open();
    await deliver('{"a":1}');
    expect(JSON.parse((await deliver('{"a":1}')).text)).toEqual({ duplicate: true });
    expect(taken).toHaveLength(1);
    await desk?.app.close();
    let broken = true;
    open({
      handle: async () => {
        if (broken) throw new Error('the database is away');
        return { status: 202 };
      },
    });
    expect((await deliver('{"a":1}')).status).toBe(500);
    broken = false;
    expect((await deliver('{"a":1}')).status).toBe(202);
  });

  const depth = 100_000;
  it.each<[name: string, body: string | Buffer, headers: Record<string, string>, status: number]>([
    ['unsigned', '{}', { 'x-signature': '' }, 401],
    ['signed by another', '{}', { 'x-signature': sign('{}', 'x') }, 401],
    ['an hour old', '{}', { 'x-timestamp': String(NOW / 1000 - 3600) }, 401],
    ['a form', 'a=1', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['without a type', '{}', { 'content-type': '' }, 415],
    ['no JSON', '{"a":', {}, 400],
    ['nothing', '', {}, 400],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22]), {}, 400],
    ['nested a hundred thousand deep', '['.repeat(depth) + ']'.repeat(depth), {}, 400],
    ['six megabytes', `"${'x'.repeat(6_000_000)}"`, {}, 413],
    ['naming a prototype', '{"__proto__":{"admin":true},"constructor":1}', {}, 202],
    ['brackets inside a text', JSON.stringify({ a: '['.repeat(1_000), b: '\\"[' }), {}, 202],
  ])('answers what is %s', async (_name, body, headers, status) => {
    const taken = open();
    expect((await deliver(body, headers)).status).toBe(status);
    expect(taken).toHaveLength(status === 202 ? 1 : 0);
  });

  it('never says why a signature is wrong in more than a sentence, and counts', async () => {
    open();
    const answer = await deliver('{}', { 'x-signature': 'aa' });
    expect(answer.text).not.toContain(sign(`${seconds}.{}`));
    if (desk === undefined) throw new Error('no gateway');
    const { text } = await send(desk.app, { method: 'GET', url: '/metrics' });
    expect(text).toContain('curtail_webhooks_total{route="findings-generic",outcome="signature"} 1');
  });
});
