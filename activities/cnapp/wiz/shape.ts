import { z } from 'zod';
import { Anything, Id, MaybeText, MaybeTexts } from '../finding-parts.js';

const SubCategories = z
  .array(
    z.object({
      id: MaybeText,
      title: MaybeText,
      externalId: MaybeText,
      category: z
        .object({ name: MaybeText, framework: z.object({ name: MaybeText }).nullish().catch(undefined) })
        .nullish()
        .catch(undefined),
    }),
  )
  .nullish()
  .catch(undefined);

/** The rule behind an issue, by its variants. */
export const Rule = z
  .object({
    id: MaybeText,
    shortId: MaybeText,
    name: MaybeText,
    description: MaybeText,
    controlDescription: MaybeText,
    cloudEventRuleDescription: MaybeText,
    cloudConfigurationRuleDescription: MaybeText,
    securitySubCategories: SubCategories,
  })
  .nullish()
  .catch(undefined);

/** What an issue is about. */
export const Entity = z.object({
  id: MaybeText,
  type: MaybeText,
  nativeType: MaybeText,
  name: MaybeText,
  cloudPlatform: MaybeText,
  providerId: MaybeText,
  externalId: MaybeText,
  region: MaybeText,
  subscriptionExternalId: MaybeText,
  tags: Anything,
});

/** Projects, with their owners. */
export const Project = z
  .array(
    z.object({
      name: MaybeText,
      projectOwners: z
        .array(z.object({ email: MaybeText }))
        .nullish()
        .catch(undefined),
    }),
  )
  .nullish()
  .catch(undefined);

/** Only the fields that are read. A field that is ignored cannot break anything. */
export const Issue = z.object({
  id: Id,
  type: MaybeText,
  status: z.string(),
  severity: z.string(),
  createdAt: MaybeText,
  updatedAt: MaybeText,
  statusChangedAt: MaybeText,
  description: MaybeText,
  url: MaybeText,
  sourceRule: Rule,
  projects: Project,
  entitySnapshot: Entity,
});

const GraphEntity = z.object({
  id: MaybeText,
  name: MaybeText,
  type: MaybeText,
  properties: z.record(z.string(), z.unknown()).nullish().catch(undefined),
});
const CloudAccount = z
  .object({ externalId: MaybeText.or(z.number().transform(String)), cloudProvider: MaybeText })
  .nullish()
  .catch(undefined);

/** A node of `excessiveAccessFindings`. */
export const ExcessiveAccess = z.object({
  id: Id,
  name: MaybeText,
  status: z.string(),
  severity: z.string(),
  remediationType: MaybeText,
  excessiveServices: MaybeTexts,
  hasUnusedAdminPermissions: z.boolean().nullish().catch(undefined),
  hasUnusedHighPermissions: z.boolean().nullish().catch(undefined),
  hasUnusedDataPermissions: z.boolean().nullish().catch(undefined),
  description: MaybeText,
  createdAt: MaybeText,
  updatedAt: MaybeText,
  projects: Project,
  principal: z.object({ graphEntity: GraphEntity, cloudAccount: CloudAccount }),
});

/** A node of `dataFindingsV2`. */
export const DataFinding = z.object({
  id: Id,
  name: MaybeText,
  severity: z.string(),
  status: z.string().nullish(),
  firstSeenAt: MaybeText,
  updatedAt: MaybeText,
  totalMatchCount: z.number().nullish().catch(undefined),
  isEntityPublic: z.boolean().nullish().catch(undefined),
  dataClassifier: z
    .object({ id: MaybeText, name: MaybeText, category: MaybeText, securitySubCategories: SubCategories })
    .nullish()
    .catch(undefined),
  cloudAccount: CloudAccount,
  graphEntity: GraphEntity,
});

/** A node of `configurationFindings`. */
export const Configuration = z.object({
  id: Id,
  name: MaybeText,
  severity: z.string(),
  result: MaybeText,
  status: z.string().nullish(),
  firstSeenAt: MaybeText,
  analyzedAt: MaybeText,
  rule: Rule,
  securitySubCategories: SubCategories,
  resource: Entity.extend({ subscription: CloudAccount }),
});
