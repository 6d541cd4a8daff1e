import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { loadConfig } from '../../runtime/config.js';

/** The gateway's loopback API, as the CLI reaches it. */
export interface GatewayApi {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body?: unknown): Promise<T>;
  /** The answer as it comes. */
  stream(path: string): AsyncIterable<Uint8Array>;
  /** Streams a file. */
  upload<T>(path: string, file: string): Promise<T>;
}

/** The gateway said no, or is not there; the message says what to do. */
export class ApiError extends Error {}

/**
 * Finds the running Curtail of this folder: the configuration says where its gateway and state are, and the token file
 * (mode 0600) lets in the user who started it. Nothing is ever opened beside the running process.
 */
export function openApi(options: { config?: string; cwd: string }): GatewayApi {
  const { url, token } = locate(options);
  async function answer(path: string, init: RequestInit & { duplex?: 'half' }): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(`${url}/api/v1${path}`, {
        ...init,
        headers: {
          authorization: `Bearer ${token}`,
          ...(init.headers as Record<string, string> | undefined),
        },
      });
    } catch (error) {
      throw new ApiError(`nothing answers at ${url}: start it with "curtail up"`, { cause: error });
    }
    if (!response.ok) throw new ApiError(`HTTP ${response.status}: ${messageOf(await response.text())}`);
    return response;
  }
  async function send<T>(path: string, init: RequestInit & { duplex?: 'half' }): Promise<T> {
    return (await (await answer(path, init)).json()) as T;
  }
  return {
    async *stream(path) {
      yield* (await answer(path, {})).body ?? [];
    },
    get: (path) => send(path, {}),
    post: (path, body) =>
      send(path, {
        method: 'POST',
        body: JSON.stringify(body ?? {}),
        headers: { 'content-type': 'application/json' },
      }),
    upload: (path, file) =>
      send(path, {
        method: 'POST',
        body: Readable.toWeb(createReadStream(file)) as unknown as NonNullable<RequestInit['body']>,
        duplex: 'half',
        headers: { 'content-type': 'application/octet-stream' },
      }),
  };
}

/** Which configuration a command means: the named one, `curtail.yaml` here, else the loaded sample organisation's. */
export function configurationOf(options: {
  config?: string;
  cwd?: string;
}): Parameters<typeof loadConfig>[0] {
  const cwd = options.cwd ?? process.cwd();
  const sample = join(cwd, '.curtail', 'organisation', 'curtail.yaml');
  const own = options.config ?? process.env['CURTAIL_CONFIG'];
  const here = existsSync(resolve(cwd, 'curtail.yaml'));
  const file = own ?? (!here && existsSync(sample) ? sample : undefined);
  return { cwd, env: process.env, ...(file !== undefined && { file }) };
}

/** State folder and gateway of the Curtail that belongs to a working folder. */
export function stateOf(options: { config?: string; cwd: string }): { folder: string; url: string } {
  const loaded = loadConfig(configurationOf(options));
  const { gateway, folder } = loaded.config;
  return {
    folder: resolve(loaded.file === null ? options.cwd : dirname(loaded.file), folder),
    url: `http://${gateway.host}:${gateway.port}`,
  };
}

function locate(options: { config?: string; cwd: string }): { url: string; token: string } {
  const { folder, url } = stateOf(options);
  const path = join(folder, 'api-token');
  try {
    return { url, token: readFileSync(path, 'utf8').trim() };
  } catch (error) {
    throw new ApiError(
      `no running Curtail is known here (${path} cannot be read): start it with "curtail up"`,
      { cause: error },
    );
  }
}

function messageOf(text: string): string {
  try {
    const parsed = JSON.parse(text) as { error?: { message?: string } | string; message?: string };
    const error = typeof parsed.error === 'object' ? parsed.error?.message : undefined;
    return error ?? parsed.message ?? text.slice(0, 300);
  } catch {
    return text.slice(0, 300);
  }
}
