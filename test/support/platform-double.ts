import type { AdapterDeps } from '../../activities/adapter.js';
import { Secret } from '../../runtime/secret.js';

/** A request as a platform sees it. */
export interface SeenCall {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Headers;
  body: unknown;
}

/** What a platform answers. */
export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  /** Sent as JSON; absent means an empty body. */
  json?: unknown;
  /** Sent as it is. */
  text?: string;
}

/** A platform in this process: it answers through `fetch`, and refuses tokens that it did not issue. */
export interface PlatformDouble {
  fetch: typeof globalThis.fetch;
  calls: SeenCall[];
  /** Calls beside signing in. */
  asked(): SeenCall[];
  /** Answers the next calls (beside signing in) so, in order. */
  next(...replies: readonly Reply[]): void;
  /** Takes every token that was issued back. */
  expireTokens(): void;
  /** Times that somebody signed in. */
  signIns(): number;
  now: number;
  /** Whether what follows a page is always that page again. */
  repeats: boolean;
  /** Whether signing in is refused. */
  locked: boolean;
}

/** What a double knows about its platform. */
export interface DoubleScript {
  isSignIn(call: SeenCall): boolean;
  /** The answer to a sign-in; undefined refuses it. */
  signIn(token: string, call: SeenCall): Reply;
  refuseSignIn: Reply;
  tokenOf(call: SeenCall): string | undefined;
  /** The platform's own 401. */
  unauthorised: Reply;
  answer(call: SeenCall, double: PlatformDouble): Reply;
  /** A token that is good without a sign-in. */
  fixedToken?: string;
}

/** Starts a double. Its clock stands still unless it is set. */
export function platformDouble(script: DoubleScript): PlatformDouble {
  const good = new Set(script.fixedToken === undefined ? [] : [script.fixedToken]);
  const queue: Reply[] = [];
  let signIns = 0;
  const double: PlatformDouble = {
    calls: [],
    asked: () => double.calls.filter((call) => !script.isSignIn(call)),
    next: (...replies) => queue.push(...replies),
    expireTokens: () => good.clear(),
    signIns: () => signIns,
    now: Date.parse('2026-10-01T00:00:00Z'),
    repeats: false,
    locked: false,
    fetch: async (input, init) => {
      const call = seen(input, init);
      double.calls.push(call);
      await Promise.resolve();
      return responseOf(replyTo(call));
    },
  };
  function replyTo(call: SeenCall): Reply {
    if (script.isSignIn(call)) {
      if (double.locked) return script.refuseSignIn;
      signIns += 1;
      const token = `token-${signIns}`;
      good.add(token);
      return script.signIn(token, call);
    }
    if (!good.has(script.tokenOf(call) ?? '')) return script.unauthorised;
    return queue.shift() ?? script.answer(call, double);
  }
  return double;
}

function seen(input: Parameters<typeof fetch>[0], init: RequestInit | undefined): SeenCall {
  const url = new URL(String(input));
  const body = init?.body;
  return {
    method: init?.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: new Headers(init?.headers),
    body:
      typeof body === 'string'
        ? JSON.parse(body)
        : body instanceof URLSearchParams
          ? Object.fromEntries(body)
          : undefined,
  };
}

function responseOf(reply: Reply): Response {
  const status = reply.status ?? 200;
  const text = reply.text ?? (reply.json === undefined ? '' : JSON.stringify(reply.json));
  return new Response(status === 204 ? null : text, { status, headers: reply.headers ?? {} });
}

/** A log that keeps what it is told. */
export interface KeptLog {
  lines: { level: string; message: string; fields: unknown }[];
}

/** What an adapter gets in tests: the double's network and clock, and one secret for all references. */
export function depsOf(
  double: Pick<PlatformDouble, 'fetch' | 'now'>,
  folder = '/nowhere',
): AdapterDeps & KeptLog {
  const lines: KeptLog['lines'] = [];
  return {
    lines,
    log: (level, message, fields) => lines.push({ level, message, fields }),
    now: () => double.now,
    fetch: (input, init) => double.fetch(input, init),
    resolveSecret: async () => new Secret('s3cr3t-value'),
    folder,
  };
}
