import { z } from 'zod';

const REFERENCE = /^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:.+|vault:[^#\s]+#[^#\s]+)$/;

/** Whether a text is a reference to a secret rather than a secret. */
export function isSecretReference(text: string): boolean {
  return REFERENCE.test(text);
}

/** What a fault about a secret says; it never repeats the value, which may be the secret itself. */
export const SECRET_MEND = 'write a reference: env:NAME, file:path or vault:path#key';

/** Where a secret is found: `env:NAME`, `file:path`, `vault:path#key`. Never the secret itself. */
export const SecretReference = z
  .string()
  .max(1_000)
  .regex(REFERENCE, `a secret is never written here; ${SECRET_MEND}`)
  .meta({ description: 'Reference to a secret: env:NAME, file:path or vault:path#key.' });

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A duration: milliseconds as a number, or a text such as `90s`, `15m`, `4h`, `30d`. Parsed to milliseconds. */
export const Duration = z
  .union([
    z.number().int().positive(),
    z.string().regex(/^[1-9]\d{0,8}(?:ms|s|m|h|d)$/, 'write a duration such as 90s, 15m, 4h or 30d'),
  ])
  .transform((value) => (typeof value === 'number' ? value : durationMs(value)))
  .meta({ description: 'Milliseconds, or a text such as 90s, 15m, 4h, 30d.' });

function durationMs(text: string): number {
  const [, amount, unit] = /^(\d+)(ms|s|m|h|d)$/.exec(text) ?? [];
  return Number(amount) * UNIT_MS[(unit ?? 'ms') as keyof typeof UNIT_MS];
}

/** A TCP port; 0 lets the system choose. */
export const Port = z.number().int().min(0).max(65_535);

/** A path; a relative one starts from the folder of the configuration file. */
export const PathText = z.string().min(1).max(4_000);

/** An absolute http or https address without credentials in it. */
export const WebAddress = z
  .string()
  .max(2_000)
  .refine(isPlainWebAddress, 'write an http or https address without user name and password in it');

/** An origin as browsers state it: scheme, host and port, with no path and no closing slash. */
export const WebOrigin = z
  .string()
  .max(500)
  .refine(
    (text) => isPlainWebAddress(text) && new URL(text).origin === text,
    'write an origin such as https://temporal.example.com, without a path',
  );

function isPlainWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (
    (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '' && url.password === ''
  );
}

const SECRET_NAME = /(?:secret|token|password|passphrase|apikey|api_key|privatekey|private_key|signingkey)$/i;

/**
 * Places inside a vendor's own settings where a secret seems to be written out: a key that is named like
 * one with a text that is no reference. The vendor's schema checks the rest; this guards all of them alike.
 */
export function writtenSecrets(
  value: unknown,
  path: readonly (string | number)[] = [],
): (string | number)[][] {
  if (Array.isArray(value)) return value.flatMap((item, index) => writtenSecrets(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const here = [...path, key];
    if (typeof member === 'string' && SECRET_NAME.test(key) && !isSecretReference(member)) return [here];
    return writtenSecrets(member, here);
  });
}
