import { draftFix } from '../../../domain/draft/draft.js';
import type { DraftInput, DraftResult } from '../../../domain/draft/model.js';
import type { Finding } from '../../../domain/finding/finding.js';
import type { AccountInput, ResourceInput, RoleDetail } from '../../../domain/graph/account.js';
import type { Json } from '../../../domain/json.js';
import type { Draft } from '../../../domain/proof/proof.js';

const ACCOUNT = '123456789012';
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/App`;
export const OTHER = `arn:aws:iam::${ACCOUNT}:role/Other`;
export const ADMIN = `arn:aws:iam::${ACCOUNT}:role/Admin`;
export const USER = `arn:aws:iam::${ACCOUNT}:user/ann`;
export const SHARED = `arn:aws:iam::${ACCOUNT}:policy/Shared`;
export const BUCKET = 'arn:aws:s3:::records';

export function documentOf(...Statement: Json[]): Json {
  return { Version: '2012-10-17', Statement };
}

export function allow(Action: Json, Resource: Json = '*', more: Record<string, Json> = {}): Json {
  return { Effect: 'Allow', Action, Resource, ...more };
}

/** A role that Lambda may run with. */
export function role(
  Arn: string,
  policies: Record<string, Json>,
  attached: readonly string[] = [],
): RoleDetail {
  return {
    Arn,
    RoleName: Arn.split('/').at(-1) ?? '',
    AssumeRolePolicyDocument: documentOf({
      Effect: 'Allow',
      Principal: { Service: 'lambda.amazonaws.com' },
      Action: 'sts:AssumeRole',
    }),
    RolePolicyList: Object.entries(policies).map(([PolicyName, PolicyDocument]) => ({
      PolicyName,
      PolicyDocument,
    })),
    AttachedManagedPolicies: attached.map((PolicyArn) => ({
      PolicyArn,
      PolicyName: PolicyArn.split('/').at(-1) ?? '',
    })),
  };
}

export function managed(Arn: string, Document: Json): NonNullable<AccountInput['Policies']>[number] {
  return {
    Arn,
    PolicyName: Arn.split('/').at(-1) ?? '',
    DefaultVersionId: 'v1',
    PolicyVersionList: [{ VersionId: 'v1', IsDefaultVersion: true, Document }],
  };
}

export function bucket(more: Partial<ResourceInput> = {}): ResourceInput {
  return { arn: BUCKET, type: 'AWS::S3::Bucket', ...more };
}

export function used(
  principal: string | undefined,
  action: string,
  resource?: string,
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    ...(principal === undefined ? {} : { principal }),
    action,
    ...(resource === undefined ? {} : { resource }),
    count: 12,
    firstUsed: '2026-02-01',
    lastUsed: '2026-06-20',
    outcome: 'ok',
    ...more,
  };
}

export function findingOf(kind: Finding['kind'], more: Partial<Finding> = {}): Finding {
  const isStore = kind.includes('data');
  return {
    source: 'generic',
    sourceId: 'f-1',
    canonicalKey: 'f-1',
    kind,
    title: `A finding of the kind ${kind}`,
    severity: 'high',
    status: 'open',
    cloud: 'aws',
    account: ACCOUNT,
    subject: isStore
      ? { type: 'store', id: BUCKET, name: 'records' }
      : { type: 'identity', id: ROLE, name: 'App' },
    resources: [],
    evidence: {},
    labels: [],
    tags: {},
    ownerHints: [],
    compliance: [],
    ...more,
  };
}

/** Drafts with half a year of logs, data events included, unless said otherwise. */
export function fix(
  kind: Finding['kind'],
  account: AccountInput,
  usage: readonly unknown[],
  more: Partial<DraftInput> = {},
): DraftResult {
  return draftFix(inputOf(kind, account, usage, more));
}

export function inputOf(
  kind: Finding['kind'],
  account: AccountInput,
  usage: readonly unknown[],
  more: Partial<DraftInput> = {},
): DraftInput {
  return {
    finding: findingOf(kind),
    account,
    usage,
    window: { fromIso: '2026-01-01T00:00:00Z', toIso: '2026-07-01T00:00:00Z' },
    logging: { management: true, data: 'all' },
    now: () => performance.now(),
    digest: (text) => `sha-${text.length}`,
    ...more,
  };
}

/** The draft of a result that must be one. */
export function draftOf(result: DraftResult): Draft {
  if (result.kind !== 'draft')
    throw new Error(`no draft: ${result.kind} ${result.reasonCode} ${result.reason}`);
  return result.draft;
}
