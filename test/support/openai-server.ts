import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the server does with the next request. */
export type Behaviour =
  | {
      content: string;
      finish?: string;
      refusal?: string;
      usage?: { prompt_tokens: number; completion_tokens: number };
    }
  | { status: number; body?: unknown; headers?: Record<string, string> }
  | 'hang'
  | 'reset'
  | { raw: string };

export interface SeenRequest {
  path: string;
  headers: Record<string, string | string[] | undefined>;
  body: Record<string, unknown>;
}

/** A server that speaks chat completions of OpenAI, and does as it is told. It listens on a port that the system chose. */
export interface OpenAiServer {
  /** Base URL with `/v1`. */
  url: string;
  seen: SeenRequest[];
  behave(behaviour: Behaviour): void;
  close(): Promise<void>;
}

/** Starts the server. */
export async function startOpenAiServer(): Promise<OpenAiServer> {
  let next: Behaviour = { content: '{}' };
  const seen: SeenRequest[] = [];
  const server = createServer(async (request, response) => {
    seen.push({
      path: request.url ?? '',
      headers: request.headers,
      body: JSON.parse(await bodyOf(request)) as Record<string, unknown>,
    });
    if (next === 'hang') return;
    if (next === 'reset') {
      request.socket.destroy();
      return;
    }
    if ('raw' in next) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(next.raw);
      return;
    }
    if ('status' in next) {
      response
        .writeHead(next.status, { 'content-type': 'application/json', ...next.headers })
        .end(JSON.stringify(next.body ?? {}));
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion(next)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    seen,
    behave: (behaviour) => {
      next = behaviour;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

function completion(answer: Extract<Behaviour, { content: string }>): unknown {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'fake-1',
    choices: [
      {
        index: 0,
        finish_reason: answer.finish ?? 'stop',
        message: { role: 'assistant', content: answer.content, refusal: answer.refusal ?? null },
      },
    ],
    usage: answer.usage ?? { prompt_tokens: 100, completion_tokens: 20 },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
