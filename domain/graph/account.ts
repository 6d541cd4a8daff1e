import type { Json } from '../json.js';
import { readAccount } from './account-reader.js';

/**
 * An account as JSON: what `aws iam get-account-authorization-details` prints, plus what it cannot know.
 * Documents may be JSON values, JSON text, or URL-encoded JSON text (as the raw API answers).
 * `accounts` makes it several accounts of one organisation; then nothing else is read on that level.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
 */
export interface AccountInput {
  UserDetailList?: readonly UserDetail[];
  GroupDetailList?: readonly GroupDetail[];
  RoleDetailList?: readonly RoleDetail[];
  Policies?: readonly ManagedPolicyDetail[];
  resources?: readonly ResourceInput[];
  /** IAM's credential report: the CSV text, `get-credential-report`'s output, or its rows as objects. */
  credentialReport?: Json;
  /** Service control policies, from the root's level to the account's. Absent = no organisation. */
  scps?: readonly (readonly Json[])[];
  /** Resource control policies, from the root's level to the account's. */
  rcps?: readonly (readonly Json[])[];
  accounts?: readonly AccountInput[];
}

/** A policy that lies within its user, role or group. */
export interface InlinePolicyDetail {
  PolicyName: string;
  PolicyDocument: Json;
}
/** A managed policy's attachment. */
export interface AttachedPolicyDetail {
  PolicyName?: string;
  PolicyArn: string;
}
/** A permissions boundary's attachment. */
export interface BoundaryDetail {
  PermissionsBoundaryType?: string;
  PermissionsBoundaryArn: string;
}
/** A tag as IAM lists it. */
export interface TagDetail {
  Key: string;
  Value: string;
}
/** A user as `get-account-authorization-details` lists it. */
export interface UserDetail {
  Arn: string;
  UserName?: string;
  UserId?: string;
  Path?: string;
  CreateDate?: string;
  GroupList?: readonly string[];
  UserPolicyList?: readonly InlinePolicyDetail[];
  AttachedManagedPolicies?: readonly AttachedPolicyDetail[];
  PermissionsBoundary?: BoundaryDetail;
  /** What `aws iam list-access-keys` answers for the user, where somebody asked; the authorization details have no keys. */
  AccessKeyMetadata?: readonly {
    UserName?: string;
    AccessKeyId: string;
    Status?: string;
    CreateDate?: string;
  }[];
  Tags?: readonly TagDetail[];
}
/** A group as `get-account-authorization-details` lists it. */
export interface GroupDetail {
  Arn: string;
  GroupName?: string;
  GroupId?: string;
  Path?: string;
  CreateDate?: string;
  GroupPolicyList?: readonly InlinePolicyDetail[];
  AttachedManagedPolicies?: readonly AttachedPolicyDetail[];
}
/** A role as `get-account-authorization-details` lists it. */
export interface RoleDetail {
  Arn: string;
  RoleName?: string;
  RoleId?: string;
  Path?: string;
  CreateDate?: string;
  AssumeRolePolicyDocument?: Json;
  InstanceProfileList?: readonly InstanceProfileDetail[];
  RolePolicyList?: readonly InlinePolicyDetail[];
  AttachedManagedPolicies?: readonly AttachedPolicyDetail[];
  PermissionsBoundary?: BoundaryDetail;
  Tags?: readonly TagDetail[];
  RoleLastUsed?: { LastUsedDate?: string; Region?: string };
}
/** An instance profile as a role's detail lists it. */
export interface InstanceProfileDetail {
  Arn: string;
  InstanceProfileName?: string;
  Roles?: readonly { Arn: string }[];
}
/** A managed policy with its versions as `get-account-authorization-details` lists it. */
export interface ManagedPolicyDetail {
  Arn: string;
  PolicyName?: string;
  PolicyId?: string;
  Path?: string;
  DefaultVersionId?: string;
  AttachmentCount?: number;
  PermissionsBoundaryUsageCount?: number;
  IsAttachable?: boolean;
  CreateDate?: string;
  UpdateDate?: string;
  PolicyVersionList?: readonly {
    VersionId?: string;
    IsDefaultVersion?: boolean;
    Document?: Json;
    CreateDate?: string;
  }[];
}
/** A resource as the contract's `account.resources` gives it. */
export interface ResourceInput {
  arn: string;
  /** CloudFormation's type name, `AWS::S3::Bucket`. */
  type?: string;
  /** ARN of the role that the resource runs with. */
  role?: string;
  /** ARN or name of the instance profile that the resource runs with. */
  instanceProfile?: string;
  policy?: Json;
  /** ARN of the KMS key that encrypts it. */
  kmsKey?: string;
  /** `high`, `restricted`, a label such as `PII`; `none`, `low` and `public` are not sensitive. */
  sensitivity?: string;
  public?: boolean;
  tags?: Readonly<Record<string, string>> | readonly TagDetail[];
  encryption?: Json;
  logging?: Json;
  publicAccessBlock?: Json;
}

/** A policy document that a principal holds, and by what. */
export interface HeldDocument {
  name: string;
  /** The managed policy's ARN; absent for an inline policy. */
  arn?: string;
  kind: 'inline' | 'customer' | 'aws';
  /** The group through which a user holds it. */
  group?: string;
  document: Json;
}

interface PolicyHolder {
  arn: string;
  name: string;
  account: string;
  /** Everything that grants or denies by identity, a user's groups included. */
  documents: readonly HeldDocument[];
  /** ARNs of the managed policies attached to it directly. */
  attached: readonly string[];
  /** Attached policies whose document the input does not contain: their effect is unknown. */
  unknownPolicies: readonly string[];
}

/** A user or a role. */
export interface AccountPrincipal extends PolicyHolder {
  kind: 'user' | 'role';
  /** IAM's unique id (`AIDA…`, `AROA…`), when known. */
  uniqueId?: string;
  /** The permissions boundary; its document is null when the input does not contain it. */
  boundary?: { arn: string; document: Json | null };
  /** ARNs of the user's groups. */
  groups: readonly string[];
  /** A role's trust policy; null for users. */
  trust: Json | null;
  /** Lives under `/aws-service-role/`: nobody can edit or pass it. */
  serviceLinked: boolean;
  tags: ReadonlyMap<string, string>;
  createdIso?: string;
  lastUsedIso?: string;
}
/** A group with its parsed policies. */
export interface AccountGroup extends PolicyHolder {
  members: readonly string[];
}
/** A managed policy's default version, parsed. */
export interface AccountPolicy {
  arn: string;
  name: string;
  kind: 'customer' | 'aws';
  account: string;
  document: Json;
}
/** A resource with its parsed policy. */
export interface AccountResource {
  arn: string;
  type: string;
  account: string;
  /** ARN of the role that it runs with, resolved through its instance profile. */
  role?: string;
  policy?: Json;
  kmsKey?: string;
  sensitivity?: string;
  sensitive: boolean;
  public: boolean;
  tags: ReadonlyMap<string, string>;
}
/** What a user can sign in with, from the credential report. */
export interface UserCredentials {
  password: boolean;
  /** Access keys that exist, active or not: IAM allows two. */
  accessKeys: number;
}
/** The organisation's policies over one account. */
export interface OrganisationPolicies {
  scps?: readonly (readonly Json[])[];
  rcps?: readonly (readonly Json[])[];
}

/** One or several accounts, indexed. */
export interface Account {
  /** Account ids in the order of the input. */
  ids: readonly string[];
  /** Users and roles by ARN. */
  principals: ReadonlyMap<string, AccountPrincipal>;
  groups: ReadonlyMap<string, AccountGroup>;
  /** Managed policies whose default version is known, by ARN. */
  policies: ReadonlyMap<string, AccountPolicy>;
  resources: ReadonlyMap<string, AccountResource>;
  /** Role ARN by instance profile ARN. */
  instanceProfiles: ReadonlyMap<string, string>;
  organisation: ReadonlyMap<string, OrganisationPolicies>;
  /** By user ARN; accounts without a credential report contribute nothing. */
  credentials: ReadonlyMap<string, UserCredentials>;
}

/** An account that was read once is not read again: every step of a life starts from the same one. */
const read = new WeakMap<object, Account>();

/**
 * Reads an account, or several, into an index. Nobody may change an input that was read.
 * @throws PolicyError (`InvalidAccount`, `InvalidDocument`) with the JSON pointer of what is wrong.
 */
export function parseAccount(input: unknown): Account {
  if (typeof input !== 'object' || input === null) return readAccount(input);
  const known = read.get(input);
  if (known !== undefined) return known;
  const account = readAccount(input);
  read.set(input, account);
  return account;
}

/** Users, roles and groups that hold the managed policy directly, as ARNs, sorted. */
export function principalsAttachedTo(account: Account, policyArn: string): string[] {
  const holders = [...account.principals.values(), ...account.groups.values()];
  return holders
    .filter((holder) => holder.attached.includes(policyArn))
    .map((holder) => holder.arn)
    .sort();
}

/** A user's or role's ARN for a principal as written: a session's ARN is its role's; undefined when it is not in the account. */
export function resolvePrincipal(account: Account, principal: string): AccountPrincipal | undefined {
  const direct = account.principals.get(principal);
  if (direct !== undefined) return direct;
  const session = /^arn:([^:]*):sts::(\d{12}):assumed-role\/([^/]+)\//.exec(principal);
  if (session === null) return undefined;
  const [, , id, name] = session;
  for (const candidate of account.principals.values()) {
    if (candidate.kind === 'role' && candidate.account === id && candidate.name === name) return candidate;
  }
  return undefined;
}
