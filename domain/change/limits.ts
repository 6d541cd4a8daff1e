import { PolicyError, type PolicyType } from '../iam/document.js';
import { parsePolicy } from '../iam/parse.js';
import type { Json } from '../json.js';

/**
 * AWS's sizes in characters, white space not counted. Inline: all inline policies of the principal together.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length
 */
export const MAX_INLINE = { user: 2_048, role: 10_240, group: 5_120 } as const;
export const MAX_MANAGED = 6_144;
/** The default; a quota increase allows up to 4,096. */
export const MAX_TRUST = 2_048;
/** Managed policies on one principal by default; the quota can be raised to 20 for users and roles. */
export const MAX_ATTACHED = 10;
/** Bytes of a bucket policy: https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html */
export const MAX_BUCKET_POLICY = 20_480;

/** Length as IAM counts it. Only white space between JSON tokens is left out, which canonical text has none of. */
export function policyLength(document: Json): number {
  return JSON.stringify(document).length;
}

/** Why AWS would call the document malformed, or undefined. */
export function documentFault(document: Json, type: PolicyType): string | undefined {
  try {
    parsePolicy(document, type);
    return undefined;
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return `the document is malformed at ${error.pointer === '' ? '/' : error.pointer}: ${error.message}`;
  }
}
