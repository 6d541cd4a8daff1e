import { Secret } from '../../runtime/secret.js';
import type { SecretStore } from '../../runtime/secrets.js';

/** `env:NAME`: a variable of the process. */
export function environmentSecrets(env: Readonly<Record<string, string | undefined>>): SecretStore {
  return {
    read: async (name) => {
      const value = Object.hasOwn(env, name) ? env[name] : undefined;
      if (value === undefined) throw new Error(`reading a secret: the variable ${name} is not set; set it`);
      return new Secret(value);
    },
  };
}
