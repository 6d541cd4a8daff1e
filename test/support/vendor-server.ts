import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface VendorRequest {
  method: string;
  url: URL;
  headers: IncomingHttpHeaders;
  body: Buffer;
}
export interface VendorAnswer {
  status: number;
  headers?: Record<string, string>;
  /** Sent as JSON unless it is a string. */
  body?: unknown;
}
/** What happens to a request in place of, or after, what the product would do. */
export type Fault =
  | { answer: VendorAnswer }
  /** The product does its work, and then answers this. */
  | { afterwards: VendorAnswer }
  | 'never answers'
  | 'does it, never answers'
  | 'does it, breaks off'
  | 'does it, answers in drops';

export interface VendorServer {
  url: string;
  seen: VendorRequest[];
  /** The next `times` requests that match meet this fault. */
  fail(matches: (request: VendorRequest) => boolean, fault: Fault, times?: number): void;
  close(): Promise<void>;
}

/** A product's double on a port of its own, with faults on demand. */
export async function startVendorServer(
  act: (request: VendorRequest) => VendorAnswer,
  port = 0,
): Promise<VendorServer> {
  const seen: VendorRequest[] = [];
  const faults: { matches: (request: VendorRequest) => boolean; fault: Fault; times: number }[] = [];
  const server = createServer(async (incoming, response) => {
    const request = await read(incoming);
    seen.push(request);
    const due = faults.find(({ matches, times }) => times > 0 && matches(request));
    if (due === undefined) return write(response, act(request));
    due.times -= 1;
    const { fault } = due;
    if (typeof fault === 'object' && 'answer' in fault) return write(response, fault.answer);
    if (fault === 'never answers') return;
    const answer = act(request);
    if (typeof fault === 'object') return write(response, fault.afterwards);
    if (fault === 'does it, breaks off') response.destroy();
    if (fault === 'does it, answers in drops') {
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.write('{');
    }
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    fail: (matches, fault, times = 1) => {
      faults.push({ matches, fault, times });
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function read(incoming: IncomingMessage): Promise<VendorRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const url = new URL(incoming.url ?? '/', 'http://product.invalid');
  return { method: incoming.method ?? '', url, headers: incoming.headers, body: Buffer.concat(chunks) };
}

function write(response: ServerResponse, { status, headers, body }: VendorAnswer): void {
  const isText = typeof body === 'string';
  response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json', ...headers });
  response.end(body === undefined ? '' : isText ? body : JSON.stringify(body));
}

/** The JSON body of a request. */
export function jsonOf(request: VendorRequest): Record<string, unknown> {
  return JSON.parse(request.body.toString('utf8')) as Record<string, unknown>;
}
