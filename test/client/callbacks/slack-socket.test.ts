import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type WebSocket, WebSocketServer } from 'ws';
import { openSocket } from '../../../client/callbacks/slack-socket.js';
import type { WebhookReply } from '../../../client/gateway/webhooks.js';
import { Secret } from '../../../runtime/secret.js';

const TOKEN = 'xapp-1';
let http: Server;
let sockets: WebSocketServer;
let opened: WebSocket[];
let refusals: number;
let socket: { close(): void };
let taken: unknown[];
let waiting: (() => void)[];

beforeEach(async () => {
  [opened, taken, waiting, refusals] = [[], [], [], 0];
  http = createServer((request, response) => {
    const ok = request.headers.authorization === `Bearer ${TOKEN}` && refusals === 0;
    refusals = Math.max(0, refusals - 1);
    const { port } = http.address() as AddressInfo;
    const url = `ws://127.0.0.1:${port}/link`;
    response.end(JSON.stringify(ok ? { ok, url } : { ok: false, error: 'invalid_auth' }));
  });
  sockets = new WebSocketServer({ server: http });
  sockets.on('connection', (connection) => {
    opened.push(connection);
    connection.send(JSON.stringify({ type: 'hello' }));
    for (const wake of waiting.splice(0)) wake();
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  socket.close();
  for (const connection of opened) connection.terminate();
  sockets.close();
  await new Promise((resolve) => http.close(resolve));
});

function open(answer: WebhookReply | undefined | Error, appToken = TOKEN): void {
  const { port } = http.address() as AddressInfo;
  const apiUrl = `http://127.0.0.1:${port}/api`;
  socket = openSocket(
    { appToken: new Secret(appToken), apiUrl, fetch, log: () => undefined },
    async ({ payload }) => {
      taken.push(payload);
      if (answer instanceof Error) throw answer;
      return answer;
    },
  );
}
async function connection(nth: number): Promise<WebSocket> {
  while (opened[nth] === undefined) await new Promise<void>((resolve) => waiting.push(resolve));
  return opened[nth];
}
function nextMessage(from: WebSocket): Promise<unknown> {
  return new Promise((resolve) => from.once('message', (data) => resolve(JSON.parse(String(data)))));
}
const envelope = (over: object) =>
  JSON.stringify({
    type: 'interactive',
    envelope_id: 'e1',
    accepts_response_payload: true,
    payload: { a: 1 },
    ...over,
  });

describe('Socket Mode', () => {
  it('acknowledges what it has taken, with the answer of a form', async () => {
    open({ status: 200, body: { response_action: 'errors' } });
    const link = await connection(0);
    const answer = nextMessage(link);
    link.send(envelope({}));
    expect(await answer).toEqual({ envelope_id: 'e1', payload: { response_action: 'errors' } });
    expect(taken).toEqual([{ a: 1 }]);
  });

  it('acknowledges what it refuses, and not what it could not keep', async () => {
    open(undefined);
    const link = await connection(0);
    const answer = nextMessage(link);
    link.send('no JSON');
    link.send('[]');
    link.send(JSON.stringify({ type: 'slash_commands', envelope_id: 'e0', payload: {} }));
    link.send(envelope({}));
    expect(await answer).toEqual({ envelope_id: 'e1' });
    expect(taken).toEqual([{ a: 1 }]);
  });

  it('lets Slack bring again what could not be kept', async () => {
    open(new Error('the ledger is away'));
    const link = await connection(0);
    const answers: unknown[] = [];
    link.on('message', (data) => answers.push(String(data)));
    link.send(envelope({}));
    const pong = new Promise((resolve) => link.once('pong', resolve));
    link.ping();
    await pong;
    expect([taken.length, answers]).toEqual([1, []]);
  });

  it('opens the next connection when Slack ends one, and when it is refused one', async () => {
    open({ status: 200 });
    const first = await connection(0);
    refusals = 1;
    first.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested' }));
    const second = await connection(1);
    const answer = nextMessage(second);
    second.send(envelope({ envelope_id: 'e2' }));
    expect(await answer).toEqual({ envelope_id: 'e2' });
  }, 20_000);
});
