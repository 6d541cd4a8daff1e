import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AdapterDeps } from '../../../activities/adapter.js';
import { toOcsf } from '../../../activities/siem/ocsf.js';
import type { Siem, SiemEvent } from '../../../activities/siem/port.js';
import { siemAdapters } from '../../../activities/siem/registry.js';
import { octetCounted, syslogMessage } from '../../../activities/siem/syslog-message.js';
import { Secret } from '../../../runtime/secret.js';
import { event } from './events.js';

const IDENTITY = { hostname: 'host', appName: 'curtail', procId: '7', enterpriseId: '32473' };
const HEADER = '<109>1 2026-01-02T03:04:05.678Z host curtail 7 decision.accepted';

describe('a syslog message', () => {
  it('has the form of RFC 5424', () => {
    const ocsf = JSON.stringify(toOcsf(event(12)));
    expect(syslogMessage(event(12), IDENTITY, 2_048)).toBe(
      `${HEADER} [curtail@32473 seq="12" stream="finding/k1" hash="${'a'.repeat(64)}" actor="ada" finding="k1"] ${ocsf}`,
    );
  });

  it.each<[name: string, over: Partial<SiemEvent>, expected: RegExp]>([
    ['escapes structured data', { actor: 'a"b]c\\d' }, /actor="a\\"b\\\]c\\\\d"/],
    ['keeps lines from being forged', { actor: 'a\n<0>1 forged' }, /actor="a\?<0>1 forged"/],
    [
      'keeps header fields free of spaces',
      { type: 'a b\u00e9.refused' },
      /^<107>1 \S+ host curtail 7 a_b_\.refused \[/,
    ],
    ['shortens a long type', { type: 'x'.repeat(99) }, /host curtail 7 x{32} \[/],
    ['warns of what failed', { type: 'apply.failed' }, /^<108>1 /],
    ['has no finding when there is none', { stream: 'gateway' }, /stream="gateway"/],
  ])('%s', (_name, over, expected) => {
    expect(syslogMessage(event(1, over), IDENTITY, 2_048)).toMatch(expected);
  });

  it('is printable ASCII on one line, within its bound, and its text is JSON, whatever the event holds', () => {
    const text = fc.string({ unit: 'binary', maxLength: 3_000 });
    fc.assert(
      fc.property(text, text, text, (actor, stream, value) => {
        const message = syslogMessage(
          event(3, { actor, stream, type: value, fields: { value } }),
          IDENTITY,
          4_096,
        );
        expect(message).toMatch(/^[\x20-\x7e]+$/);
        expect(message.length).toBeLessThanOrEqual(4_096);
        const json = message.slice(message.search(/[^\\]\] \{/) + 3);
        expect(JSON.parse(json)).toMatchObject({ metadata: { sequence: 3 } });
      }),
      { numRuns: 200 },
    );
  });
});

/** Takes frames apart as RFC 6587 says. */
function framesOf(bytes: Buffer): readonly string[] {
  const frames: string[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const space = rest.indexOf(' ');
    const length = Number(rest.subarray(0, space).toString());
    frames.push(rest.subarray(space + 1, space + 1 + length).toString());
    rest = rest.subarray(space + 1 + length);
  }
  return frames;
}

function seqsOf(bytes: Buffer): readonly number[] {
  return framesOf(bytes).map((frame) => Number(/ seq="(\d+)"/.exec(frame)?.[1]));
}

describe('sending to a syslog receiver', () => {
  const servers: Server[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
  });
  const certificates = mkdtempSync(join(tmpdir(), 'curtail-syslog-'));
  afterAll(() => rmSync(certificates, { recursive: true, force: true }));

  function open(config: object, secrets: Record<string, string> = {}): Promise<Siem> {
    const deps: AdapterDeps = {
      log: () => undefined,
      now: () => 1,
      fetch,
      folder: '/nowhere',
      resolveSecret: async (reference) => new Secret(secrets[reference] ?? ''),
    };
    return siemAdapters.syslog.open(config, deps);
  }
  async function portOf(server: Server): Promise<number> {
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the receiver has no port');
    return address.port;
  }
  /** Takes everything, and says so by ending. */
  function collect(bytes: Buffer[]): (socket: Socket) => void {
    return (socket) => {
      socket.on('data', (chunk) => bytes.push(chunk));
      socket.on('error', () => undefined);
    };
  }

  it('frames each message over TCP, in order', async () => {
    const bytes: Buffer[] = [];
    const port = await portOf(createServer(collect(bytes)));
    const siem = await open({ transport: 'tcp', host: '127.0.0.1', port });
    const events = Array.from({ length: 300 }, (_, i) =>
      event(i + 1, { fields: { text: `\n12 <1>1 é ${i}` } }),
    );
    await siem.send(events.slice(0, 200));
    await siem.send(events.slice(200));
    await siem.send([]);
    expect(seqsOf(Buffer.concat(bytes))).toEqual(events.map(({ seq }) => seq));
    expect(framesOf(Buffer.from(octetCounted('é')))).toEqual(['é']);
  });

  it.each<[name: string, receive: (socket: Socket) => void]>([
    ['hangs up at once', (socket) => socket.destroy()],
    ['resets', (socket) => socket.resetAndDestroy()],
  ])('fails when the receiver %s', async (_name, receive) => {
    const port = await portOf(createServer(receive));
    const siem = await open({ transport: 'tcp', host: '127.0.0.1', port });
    const large = Array.from({ length: 2_000 }, (_, i) =>
      event(i + 1, { fields: { text: 'x'.repeat(5_000) } }),
    );
    await expect(siem.send(large)).rejects.toMatchObject({ type: 'vendor.unavailable' });
  });

  it('fails when nobody listens', async () => {
    const server = createServer();
    const port = await portOf(server);
    await new Promise((resolve) => servers.pop()?.close(resolve));
    const siem = await open({ transport: 'tcp', host: '127.0.0.1', port });
    await expect(siem.send([event(1)])).rejects.toMatchObject({
      type: 'vendor.unavailable',
      message: expect.stringMatching(/^syslog: sending audit events to 127\.0\.0\.1: /),
    });
  });

  it('sends datagrams', async () => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const received = once(socket, 'message');
    const siem = await open({ transport: 'udp', host: '127.0.0.1', port: socket.address().port });
    await siem.send([event(5)]);
    const [message] = await received;
    expect(String(message)).toMatch(/^<109>1 2026-01-02T03:04:05\.678Z .* seq="5"/);
    socket.close();
  });

  it('speaks TLS to a receiver that it can verify, and to no other', async () => {
    const [keyFile, certFile] = [join(certificates, 'key.pem'), join(certificates, 'cert.pem')];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-days',
        '2',
        '-subj',
        '/CN=siem',
        '-addext',
        'subjectAltName=IP:127.0.0.1',
        '-keyout',
        keyFile,
        '-out',
        certFile,
      ],
      { stdio: 'ignore' },
    );
    const [key, cert] = [readFileSync(keyFile, 'utf8'), readFileSync(certFile, 'utf8')];
    const bytes: Buffer[] = [];
    const port = await portOf(createTlsServer({ key, cert }, collect(bytes)));
    const siem = await open({ host: '127.0.0.1', port, ca: 'test:ca' }, { 'test:ca': cert });
    await siem.send([event(1), event(2)]);
    expect(seqsOf(Buffer.concat(bytes))).toEqual([1, 2]);
    const stranger = await open({ host: '127.0.0.1', port });
    await expect(stranger.send([event(3)])).rejects.toThrow(/self-signed certificate/);
    expect(seqsOf(Buffer.concat(bytes))).toEqual([1, 2]);
  });
});
