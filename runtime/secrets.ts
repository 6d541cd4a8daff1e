import type { Secret } from './secret.js';

/** Fetches secrets of one scheme, e.g. `env`. */
export interface SecretStore {
  /** `rest` is the reference without its scheme. @throws Error that says what to do and never the secret */
  read(rest: string): Promise<Secret>;
}

export type SecretResolver = (reference: string) => Promise<Secret>;

/**
 * Turns references (`env:NAME`, `file:path`, `vault:path#key`) into secrets by the stores that are handed in.
 * Nothing is kept: a rotated secret counts at its next use.
 * @throws Error naming the reference, when its scheme has no store or the store has nothing
 */
export function secretResolver(stores: ReadonlyMap<string, SecretStore>): SecretResolver {
  return async (reference) => {
    const colon = reference.indexOf(':');
    const store = colon < 1 ? undefined : stores.get(reference.slice(0, colon));
    if (store === undefined) {
      const known = [...stores.keys()].map((scheme) => `${scheme}:`).join(', ');
      // What was given may be the secret itself, so it is not repeated.
      throw new Error(`reading a secret: not a reference that is configured here; use one of ${known}`);
    }
    const secret = await store.read(reference.slice(colon + 1));
    if (secret.reveal() === '') throw new Error(`reading a secret: ${reference} is empty; set it`);
    return secret;
  };
}
