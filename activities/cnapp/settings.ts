import { z } from 'zod';

/** Where a secret is kept: `env:NAME`, `file:path`, `vault:path#key`. Never the secret itself. */
export const SecretReference = z
  .string()
  .regex(/^(?:env|file|vault):.+/, 'name where the secret is kept: env:NAME, file:path or vault:path#key');

/** An address of a platform: https, or http on this machine (a double in tests). */
export const PlatformAddress = z
  .string()
  .max(500)
  .refine(isAddress, 'an https address without user, query or fragment is wanted');

function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.username !== '' || url.search !== '' || url.hash !== '') return false;
  return (
    url.protocol === 'https:' ||
    (url.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname))
  );
}

/** Minutes that an incremental poll looks back beyond its last one: clocks differ, and platforms write late. */
export const Overlap = z.number().int().min(0).max(1440).default(15);
