import type { z } from 'zod';
import type { Secret } from '../runtime/secret.js';
import type { HttpCall } from './http.js';

/** A log line: a static message and fields. Never a payload, a secret or raw evidence. */
export type Log = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  fields?: Record<string, unknown>,
) => void;

/** What every adapter is given. Nothing else reaches it from the process. */
export interface AdapterDeps {
  log: Log;
  /** Wall clock in milliseconds since the epoch. */
  now: () => number;
  fetch: typeof globalThis.fetch;
  /** Turns a reference (`env:NAME`, `file:path`, `vault:path#key`) into its secret. */
  resolveSecret: (reference: string) => Promise<Secret>;
  /** Told of every call of a vendor's interface, redacted. */
  onCall?: (call: HttpCall) => void;
  /** Folder that relative paths of the configuration start from. */
  folder: string;
}

/** A vendor: its configuration's schema tied to its factory. */
export interface Adapter<Port> {
  /** Parses the vendor's part of the configuration and builds the port. @throws ZodError naming every fault. */
  open(rawConfig: unknown, deps: AdapterDeps): Promise<Port>;
  /** Parses only: for `curtail config check`. */
  check(rawConfig: unknown): void;
}

/**
 * Ties a vendor's config schema to its factory, then forgets the schema's type,
 * so that a registry of different vendors is a plain record of one type.
 */
export function adapter<Schema extends z.ZodType, Port>(
  schema: Schema,
  create: (config: z.output<Schema>, deps: AdapterDeps) => Port | Promise<Port>,
): Adapter<Port> {
  return {
    open: async (rawConfig, deps) => create(schema.parse(rawConfig), deps),
    check: (rawConfig) => {
      schema.parse(rawConfig);
    },
  };
}
