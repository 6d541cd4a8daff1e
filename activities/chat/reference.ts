import { createHash } from 'node:crypto';

/** How a product knows the message of a key: letters and digits that tell nothing, for others can read them there. */
export function reference(key: string): string {
  return `curtail-${createHash('sha256').update(key).digest('hex').slice(0, 24)}`;
}
