/**
 * The parsed form of an AWS policy document. `parse.ts` makes it from JSON; nothing else does.
 * Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export interface PolicyDocument {
  /** A missing Version means 2008-10-17: policy variables are then literal text. */
  version: '2008-10-17' | '2012-10-17';
  id?: string;
  statements: readonly Statement[];
}

/** One parsed statement; lists where AWS allows a single value. */
export interface Statement {
  /** Position in the document, 0-based, so that an answer can point at it. */
  index: number;
  sid?: string;
  effect: 'Allow' | 'Deny';
  /** Absent in identity policies. */
  principal?: PrincipalElement;
  /** `Action` or `NotAction`; patterns as written. */
  action: PatternList;
  /** `Resource` or `NotResource`; absent in trust policies. */
  resource?: PatternList;
  conditions: readonly ConditionTest[];
}

/** A list of patterns, or everything but them. */
export interface PatternList {
  negated: boolean;
  patterns: readonly string[];
}

/** A parsed `Principal` or `NotPrincipal`. */
export interface PrincipalElement {
  /** `NotPrincipal`. */
  negated: boolean;
  /** `"*"`, which is `{"AWS": "*"}` and anonymous callers. */
  everyone: boolean;
  aws: readonly string[];
  service: readonly string[];
  federated: readonly string[];
  canonicalUser: readonly string[];
}

/** One operator applied to one key. All tests of a statement must hold. */
export interface ConditionTest {
  /** Base operator, e.g. `StringLike`, `NumericLessThan`, `Null`, `IpAddress`. */
  operator: ConditionOperator;
  /** `…IfExists`: true when the key is missing. */
  ifExists: boolean;
  set?: 'ForAllValues' | 'ForAnyValue';
  /** The key as written; compare case-insensitively. */
  key: string;
  values: readonly string[];
}

/** Every condition operator of the policy language, without its set prefix and `IfExists` suffix. */
export const CONDITION_OPERATORS = [
  'StringEquals',
  'StringNotEquals',
  'StringEqualsIgnoreCase',
  'StringNotEqualsIgnoreCase',
  'StringLike',
  'StringNotLike',
  'NumericEquals',
  'NumericNotEquals',
  'NumericLessThan',
  'NumericLessThanEquals',
  'NumericGreaterThan',
  'NumericGreaterThanEquals',
  'DateEquals',
  'DateNotEquals',
  'DateLessThan',
  'DateLessThanEquals',
  'DateGreaterThan',
  'DateGreaterThanEquals',
  'Bool',
  'BinaryEquals',
  'IpAddress',
  'NotIpAddress',
  'ArnEquals',
  'ArnLike',
  'ArnNotEquals',
  'ArnNotLike',
  'Null',
] as const;
export type ConditionOperator = (typeof CONDITION_OPERATORS)[number];

/** Which kind of policy a document is; it decides what may be missing and how it combines. */
export type PolicyType =
  | 'identity'
  | 'resource'
  | 'trust'
  | 'boundary'
  | 'scp'
  | 'rcp'
  | 'endpoint'
  | 'session';

/** Who asks. Mirrors the command-line contract. */
export type Principal = string | { type: 'Anonymous' | 'Federated' | 'CanonicalUser'; id?: string };

/** A request to decide. Context names are compared case-insensitively; `null` forces a key to be missing. */
export interface Request {
  principal: Principal;
  action: string;
  resource: string;
  resourceAccount?: string;
  context: Readonly<Record<string, string | readonly string[] | null>>;
  principalIsServiceLinked?: boolean;
  principalInManagementAccount?: boolean;
  /** The resource is a pattern and the question is whether anything matches it. */
  resourcePattern?: boolean;
}

/** The policies that apply to a request. Absent = none; the outer list of SCPs and RCPs goes from root to account. */
export interface PolicySet {
  identity: readonly PolicyDocument[];
  resource?: PolicyDocument;
  boundaries?: readonly PolicyDocument[];
  session?: readonly PolicyDocument[];
  endpoint?: readonly PolicyDocument[];
  scps?: readonly (readonly PolicyDocument[])[];
  rcps?: readonly (readonly PolicyDocument[])[];
}

/** What AWS would answer to a request, and which statements decided it. */
export interface Decision {
  decision: 'Allowed' | 'ImplicitlyDenied' | 'ExplicitlyDenied';
  by: readonly DecidingStatement[];
}
/** A statement that took part in a decision, by policy and place. */
export interface DecidingStatement {
  policyType: PolicyType;
  /** For service and resource control policies, the level: 0 is the root of the organisation. */
  level?: number;
  /** Index of the policy in its list (within its level). */
  policy: number;
  statement: number;
  sid?: string;
  effect: 'Allow' | 'Deny';
}

/** What is wrong with an input, where (JSON pointer), and how to mend it. */
export class PolicyError extends Error {
  readonly type: string;
  readonly pointer: string;
  constructor(type: string, pointer: string, message: string) {
    super(message);
    this.name = 'PolicyError';
    this.type = type;
    this.pointer = pointer;
  }
}
