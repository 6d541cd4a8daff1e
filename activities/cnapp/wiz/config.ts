import { z } from 'zod';
import { Overlap, PlatformAddress, SecretReference } from '../settings.js';

/** Lists of Wiz that are read. */
export const WIZ_LISTS = ['issues', 'excessive-access', 'data-findings'] as const;
export type WizList = (typeof WIZ_LISTS)[number];

/** Settings of a Wiz tenant (`docs/vendors/wiz.md`). */
export const WizConfig = z.strictObject({
  apiUrl: PlatformAddress.describe(
    'https://api.<data centre>.app.wiz.io/graphql, from the tenant page of Wiz.',
  ),
  tokenUrl: PlatformAddress.default('https://auth.app.wiz.io/oauth/token'),
  audience: z
    .string()
    .min(1)
    .default('wiz-api')
    .describe('beyond-api for tenants that still sign in at auth.wiz.io.'),
  clientId: z.string().min(1),
  clientSecret: SecretReference,
  projects: z
    .array(z.string().min(1))
    .max(100)
    .default([])
    .describe('Project ids; a service account of projects needs them.'),
  read: z
    .array(z.enum(WIZ_LISTS))
    .min(1)
    .default([...WIZ_LISTS]),
  pageSize: z.number().int().min(1).max(500).default(250),
  overlapMinutes: Overlap,
});
export type WizConfig = z.output<typeof WizConfig>;
