import { createSocket } from 'node:dgram';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { connect as connectTls } from 'node:tls';
import { z } from 'zod';
import { Failure, FailureType } from '../../domain/failure.js';
import { type AdapterDeps, adapter } from '../adapter.js';
import type { Siem } from './port.js';
import { octetCounted, type SyslogIdentity, syslogMessage } from './syslog-message.js';

/** Longest datagram that every network carries whole (RFC 5426, 3.2 asks receivers for 2048). */
const UDP_MAX_BYTES = 2_048;
const STREAM_MAX_BYTES = 64_000;

/** `tls` is RFC 5425, `tcp` RFC 6587 with octet counting, `udp` RFC 5426, which loses messages without a word. */
export const SyslogConfig = z.strictObject({
  transport: z.enum(['tls', 'tcp', 'udp']).default('tls'),
  host: z.string().min(1),
  port: z.number().int().min(1).max(65_535).optional(),
  /** Reference to a certificate authority in PEM, when the system does not know it. */
  ca: z.string().min(1).optional(),
  /** References to our certificate and its key in PEM, when the receiver asks for one. */
  certificate: z.string().min(1).optional(),
  key: z.string().min(1).optional(),
  /** Private enterprise number; 32473 is the one for examples (RFC 5612). */
  enterpriseId: z
    .string()
    .regex(/^\d{1,10}$/)
    .default('32473'),
  timeoutMs: z.number().int().min(10).default(10_000),
});
type SyslogConfig = z.output<typeof SyslogConfig>;

/** Sends each event as one message of RFC 5424. One connection a batch: its orderly end says that the receiver has read all. */
export async function createSyslogSiem(config: SyslogConfig, deps: AdapterDeps): Promise<Siem> {
  const identity: SyslogIdentity = {
    hostname: hostname(),
    appName: 'curtail',
    procId: String(process.pid),
    enterpriseId: config.enterpriseId,
  };
  const connect = await connector(config, deps);
  return {
    name: 'syslog',
    async send(events) {
      if (events.length === 0) return;
      if (config.transport === 'udp') {
        await sendDatagrams(
          events.map((event) => syslogMessage(event, identity, UDP_MAX_BYTES)),
          config,
        );
        return;
      }
      const frames = events.map((event) => octetCounted(syslogMessage(event, identity, STREAM_MAX_BYTES)));
      await sendStream(frames.join(''), connect(), config);
    },
  };
}

async function connector(config: SyslogConfig, deps: AdapterDeps): Promise<() => Socket> {
  const { host, transport } = config;
  if (transport !== 'tls') return () => connectTcp({ host, port: config.port ?? 514 });
  const pem = async (reference: string | undefined): Promise<string | undefined> =>
    reference === undefined ? undefined : (await deps.resolveSecret(reference)).reveal();
  const [ca, cert, key] = await Promise.all([pem(config.ca), pem(config.certificate), pem(config.key)]);
  return () =>
    connectTls({
      host,
      port: config.port ?? 6514,
      // An address cannot be a server name (RFC 6066, 3).
      ...(isIP(host) === 0 && { servername: host }),
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
    });
}

/**
 * Writes everything, ends our side and waits for the receiver to end its own. Syslog has no acknowledgement; a receiver
 * that has not read all by then answers with a reset. One that keeps its side open is believed after `timeoutMs`.
 */
function sendStream(bytes: string, socket: Socket, { host, timeoutMs }: SyslogConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    let written = false;
    const timer = setTimeout(() => {
      socket.destroy();
      if (written) resolve();
      else reject(unavailable(host, `nothing was taken within ${timeoutMs} ms`));
    }, timeoutMs);
    socket.on('error', (error) => {
      clearTimeout(timer);
      reject(unavailable(host, error.message));
    });
    socket.on('finish', () => {
      written = true;
    });
    socket.on('close', () => {
      clearTimeout(timer);
      if (written) resolve();
      else reject(unavailable(host, 'the receiver closed the connection'));
    });
    // What a receiver may say is of no interest, but unread it would keep the end from being seen.
    socket.resume();
    socket.end(bytes);
  });
}

async function sendDatagrams(messages: readonly string[], { host, port = 514 }: SyslogConfig): Promise<void> {
  const socket = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4');
  try {
    for (const message of messages) {
      await new Promise<void>((resolve, reject) => {
        socket.send(message, port, host, (error) =>
          error === null ? resolve() : reject(unavailable(host, error.message)),
        );
      });
    }
  } finally {
    socket.close();
  }
}

function unavailable(host: string, what: string): Failure {
  return new Failure(FailureType.VendorUnavailable, `syslog: sending audit events to ${host}: ${what}`);
}

/** Audit events to a syslog receiver. */
export const syslog = adapter(SyslogConfig, createSyslogSiem);
