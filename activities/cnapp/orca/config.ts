import { z } from 'zod';
import { Overlap, PlatformAddress, SecretReference } from '../settings.js';

/** Categories of Orca that are about identities or data. */
export const ORCA_CATEGORIES = [
  'IAM misconfigurations',
  'Lateral movement',
  'Authentication',
  'Data at risk',
  'Data protection',
] as const;

/** Settings of an Orca organisation (`docs/vendors/orca.md`). */
export const OrcaConfig = z.strictObject({
  apiUrl: PlatformAddress.default('https://api.orcasecurity.io').describe(
    'Or the console of the region: https://app.eu.orcasecurity.io, …',
  ),
  token: SecretReference,
  categories: z
    .array(z.string().min(1))
    .min(1)
    .max(50)
    .default([...ORCA_CATEGORIES]),
  pageSize: z.number().int().min(1).max(1000).default(500),
  overlapMinutes: Overlap,
});
export type OrcaConfig = z.output<typeof OrcaConfig>;
