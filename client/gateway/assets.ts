import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';

/** Addresses of the few files that pages load, each named by its content. */
export interface Assets {
  style: string;
  script: string;
  mark: string;
}
interface Asset {
  url: string;
  body: Buffer;
  type: string;
}

/** Reads the assets beside this file. */
export function readAssets(): { assets: Assets; files: readonly Asset[] } {
  const style = read('style.css', 'text/css; charset=utf-8');
  const script = read('page.js', 'text/javascript; charset=utf-8');
  const mark = read('mark.svg', 'image/svg+xml');
  return { assets: { style: style.url, script: script.url, mark: mark.url }, files: [style, script, mark] };
}

function read(name: string, type: string): Asset {
  const body = readFileSync(new URL(`./assets/${name}`, import.meta.url));
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 12);
  const dot = name.lastIndexOf('.');
  return { url: `/assets/${name.slice(0, dot)}.${hash}${name.slice(dot)}`, body, type };
}

/** Serves the assets; a changed file has another name, so browsers may keep them for good. */
export function serveAssets(app: FastifyInstance, files: readonly Asset[]): void {
  for (const file of files) {
    app.get(file.url, { config: { rateLimit: false } }, (_request, reply) =>
      reply.type(file.type).header('cache-control', 'public, max-age=31536000, immutable').send(file.body),
    );
  }
}
