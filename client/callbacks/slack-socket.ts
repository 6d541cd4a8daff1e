import WebSocket from 'ws';
import { z } from 'zod';
import type { Log } from '../../activities/adapter.js';
import type { Secret } from '../../runtime/secret.js';
import { parseBoundedJson } from '../gateway/bounded-json.js';
import type { AcceptDelivery } from '../gateway/webhooks.js';

/** What Socket Mode is opened with. */
export interface SocketOptions {
  /** App-level token (`xapp-…`) with the scope connections:write. */
  appToken: Secret;
  apiUrl: string;
  fetch: typeof globalThis.fetch;
  log: Log;
}

const Opened = z.object({
  ok: z.boolean(),
  error: z.string().max(200).optional(),
  url: z.url({ protocol: /^wss?$/ }).optional(),
});
const Envelope = z.object({
  type: z.string(),
  envelope_id: z.string().max(200).optional(),
  accepts_response_payload: z.boolean().optional(),
  payload: z.unknown().optional(),
});
const TIMEOUT_MS = 10_000;
const MAX_BYTES = 512 * 1024;
/** Slack pings every half minute; a connection that is silent for longer is dead. */
const SILENT_MS = 90_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

/**
 * Holds a Socket Mode connection and opens the next one when Slack ends it, as it does every few hours.
 * https://docs.slack.dev/apis/events-api/using-socket-mode
 */
export function openSocket(options: SocketOptions, accept: AcceptDelivery): { close(): void } {
  let socket: WebSocket | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let failures = 0;

  async function connect(): Promise<void> {
    if (closed) return;
    try {
      const url = await connectionUrl(options);
      if (closed) return;
      socket = new WebSocket(url, { maxPayload: MAX_BYTES, handshakeTimeout: TIMEOUT_MS });
      hold(socket);
    } catch (error) {
      again(error instanceof Error ? error.message : 'unknown');
    }
  }

  function hold(current: WebSocket): void {
    const silence = setInterval(() => current.terminate(), SILENT_MS);
    const heard = () => silence.refresh();
    current.on('ping', heard);
    current.on('message', (message) => {
      heard();
      void receive(current, Buffer.from(message as Buffer)).catch((error: unknown) =>
        // Not acknowledged: Slack brings events again, and a person clicks again.
        options.log('warn', 'slack: taking what the socket brought', { reason: String(error).slice(0, 300) }),
      );
    });
    current.on('error', (error) => options.log('warn', 'slack: the socket', { reason: error.message }));
    current.on('close', () => {
      clearInterval(silence);
      again('the connection ended');
    });
  }

  async function receive(current: WebSocket, message: Buffer): Promise<void> {
    const parsed = Envelope.safeParse(parseBoundedJson(message));
    if (!parsed.success) return;
    const { type, envelope_id: id, payload, accepts_response_payload: takesAnswer } = parsed.data;
    if (type === 'hello') failures = 0;
    if (type === 'disconnect') return current.close();
    if (id === undefined || (type !== 'interactive' && type !== 'events_api')) return;
    const answer = await accept({ payload, body: Buffer.from(JSON.stringify(payload ?? null)) });
    const { body } = answer ?? {};
    const answered = takesAnswer === true && typeof body === 'object' ? { payload: body } : {};
    current.send(JSON.stringify({ envelope_id: id, ...answered }));
  }

  function again(reason: string): void {
    if (closed) return;
    const waitMs = Math.min(FIRST_WAIT_MS * 2 ** failures, LONGEST_WAIT_MS);
    failures += 1;
    options.log(failures > 3 ? 'warn' : 'info', 'slack: the socket is opened again', { reason, waitMs });
    timer = setTimeout(() => void connect(), waitMs);
    timer.unref();
  }

  void connect();
  return {
    close() {
      closed = true;
      clearTimeout(timer);
      socket?.terminate();
    },
  };
}

async function connectionUrl({ appToken, apiUrl, fetch }: SocketOptions): Promise<string> {
  const base = apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/`;
  const response = await fetch(new URL('apps.connections.open', base), {
    method: 'POST',
    headers: { authorization: `Bearer ${appToken.reveal()}` },
    signal: AbortSignal.timeout(TIMEOUT_MS),
    redirect: 'error',
  });
  const opened = Opened.safeParse(await response.json());
  if (!opened.success) throw new Error(`apps.connections.open: HTTP ${response.status}`);
  const { ok, error, url } = opened.data;
  if (!ok || url === undefined) throw new Error(`apps.connections.open: ${error ?? 'no address'}`);
  return url;
}
