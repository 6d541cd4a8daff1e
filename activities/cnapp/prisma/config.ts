import { z } from 'zod';
import { Overlap, PlatformAddress, SecretReference } from '../settings.js';

/** Policy types whose alerts are read: `iam` is entitlement, `data` is data security, `config` has open stores too. */
const PolicyType = z.enum(['iam', 'data', 'config', 'attack_path', 'anomaly', 'network', 'audit_event']);

/** Settings of a Prisma Cloud tenant (`docs/vendors/prisma.md`). */
export const PrismaConfig = z.strictObject({
  apiUrl: PlatformAddress.default('https://api.prismacloud.io').describe(
    'The address that belongs to the console: api2 for app2, api.eu for app.eu, …',
  ),
  accessKeyId: z.string().min(1),
  secretKey: SecretReference,
  prismaId: z.string().min(1).optional().describe('The tenant, for a user who has several.'),
  policyTypes: z.array(PolicyType).min(1).default(['iam', 'data', 'config', 'attack_path']),
  permissions: z
    .boolean()
    .default(true)
    .describe('Join the permission search of the IAM module in as evidence.'),
  dspm: z
    .strictObject({
      apiUrl: PlatformAddress.default('https://api.use1.dig.security').describe(
        'https://api.dig.security for consoles outside America.',
      ),
      apiKey: SecretReference,
    })
    .optional()
    .describe('The data security posture module: another host with a key of its own.'),
  pageSize: z.number().int().min(1).max(10_000).default(500),
  overlapMinutes: Overlap,
});
export type PrismaConfig = z.output<typeof PrismaConfig>;
