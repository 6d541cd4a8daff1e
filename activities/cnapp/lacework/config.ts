import { z } from 'zod';
import { Overlap, PlatformAddress, SecretReference } from '../settings.js';

/** Lists of Lacework that are read. */
export const LACEWORK_LISTS = ['alerts', 'identities', 'compliance'] as const;

/** Settings of a Lacework account (`docs/vendors/lacework.md`). */
export const LaceworkConfig = z
  .strictObject({
    account: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]*$/i)
      .optional()
      .describe('The part before .lacework.net.'),
    apiUrl: PlatformAddress.optional().describe('The whole address, where it is not <account>.lacework.net.'),
    keyId: z.string().min(1),
    secretKey: SecretReference,
    subAccount: z.string().min(1).optional(),
    organisation: z.boolean().default(false),
    read: z.array(z.enum(LACEWORK_LISTS)).min(1).default(['alerts', 'identities']),
    lookBackDays: z.number().int().min(1).max(365).default(90).describe('How far back alerts are listed.'),
    entitlements: z.boolean().default(true).describe('Join entitlements in as evidence.'),
    overlapMinutes: Overlap,
  })
  .refine(
    (config) => config.account !== undefined || config.apiUrl !== undefined,
    'name the account, or apiUrl',
  );
export type LaceworkConfig = z.output<typeof LaceworkConfig>;
