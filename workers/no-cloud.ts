import type { Cloud } from '../activities/cloud/port.js';
import { Failure, FailureType } from '../domain/failure.js';

/** Stands in where no cloud is configured: there are no accounts, so findings are explained and nothing is changed. */
export const noCloud: Cloud = {
  traits: { vendor: 'none', writes: false, usage: false },
  accounts: async () => [],
  readAccount: async (accountId) => {
    throw nothing(accountId);
  },
  readUsage: async ({ accountId }) => {
    throw nothing(accountId);
  },
  managedBy: async () => undefined,
  current: async (accountId) => {
    throw nothing(accountId);
  },
  apply: async ({ accountId }) => {
    throw nothing(accountId);
  },
};

function nothing(accountId: string): Failure {
  return new Failure(
    FailureType.NotFound,
    `account ${accountId}: no cloud is configured; add a \`cloud\` section`,
  );
}
