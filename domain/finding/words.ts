import type { FindingKind } from './finding.js';

/** What people read for each kind of finding. */
export const KIND_WORDS: Readonly<Record<FindingKind, string>> = {
  'excessive-permissions': 'Excessive permissions',
  'unused-identity': 'Unused identity',
  'unused-credential': 'Unused credential',
  'escalation-path': 'Privilege-escalation path',
  'external-access': 'External access',
  'toxic-combination': 'Toxic combination',
  'public-data': 'Public data',
  'over-shared-data': 'Over-shared data',
  'unencrypted-data': 'Unencrypted data',
  'unlogged-data': 'Data without access log',
  'misplaced-data': 'Misplaced data',
  'unclassified-data': 'Unclassified data',
  'stale-data': 'Stale data',
  other: 'Other',
};
