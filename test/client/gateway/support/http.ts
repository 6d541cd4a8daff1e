import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';

export interface Answer {
  status: number;
  text: string;
  headers: Record<string, string | string[] | undefined>;
}

/** Sends one request over a socket to a gateway that listens on a port of its own. */
export async function send(
  app: FastifyInstance,
  input: { method: string; url: string; headers?: Record<string, string>; payload?: string | Buffer },
): Promise<Answer> {
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      method: input.method,
      path: input.url,
      headers: input.headers ?? {},
      agent: false,
    };
    const sent = request(options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          text: Buffer.concat(chunks).toString(),
          headers: answer.headers,
        }),
      );
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(input.payload);
  });
}
