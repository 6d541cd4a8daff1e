import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Secret } from '../../runtime/secret.js';
import type { SecretStore } from '../../runtime/secrets.js';

const MAX_BYTES = 64 * 1_024;
const OTHERS_MAY_READ = 0o004;

/** `file:path`: the text of a file, without the line feed at its end. Files that everybody may read are refused. */
export function fileSecrets(folder: string): SecretStore {
  return {
    read: async (path) => {
      const file = resolve(folder, path);
      const doing = `reading a secret from ${file}`;
      try {
        const { mode, size } = await stat(file);
        if (size > MAX_BYTES) throw new Error(`longer than ${MAX_BYTES} bytes; name the right file`);
        if (process.platform !== 'win32' && (mode & OTHERS_MAY_READ) !== 0) {
          throw new Error('everybody may read it; chmod o-rwx it');
        }
        return new Secret((await readFile(file, 'utf8')).replace(/\r?\n$/, ''));
      } catch (cause) {
        throw new Error(`${doing}: ${cause instanceof Error ? cause.message : 'unknown fault'}`, { cause });
      }
    },
  };
}
