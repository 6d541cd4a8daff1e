/**
 * Who decides the value of a condition key when somebody attacks:
 * - `known`: it follows from the principal, the target or the technique;
 * - `caller`: the caller writes it into the request, so a condition on it does not protect;
 * - `membership`: a fact about the account that holds for everybody in it;
 * - `setting`: where, when and how the caller is signed in. A condition on it protects.
 * Keys: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export type KeyControl = 'known' | 'caller' | 'membership' | 'setting';

const KNOWN = new Set([
  'aws:principalarn',
  'aws:principalaccount',
  'aws:principaltype',
  'aws:username',
  'aws:userid',
  'aws:resourceaccount',
  'aws:principalisawsservice',
  'aws:principalservicename',
  'aws:principalservicenameslist',
  'aws:sourceaccount',
  'aws:sourcearn',
  'aws:sourceorgid',
  'aws:sourceorgpaths',
  'iam:passedtoservice',
  'iam:policyarn',
  'iam:permissionsboundary',
]);
const CALLER = new Set([
  'aws:useragent',
  'aws:referer',
  'aws:requestedregion',
  'aws:securetransport',
  'aws:tagkeys',
  'sts:externalid',
  'sts:rolesessionname',
  'sts:transitivetagkeys',
]);
const MEMBERSHIP = new Set([
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:resourceorgid',
  'aws:resourceorgpaths',
]);
const SETTING = new Set(['sts:sourceidentity', 'kms:recipientattestation']);

/** Who decides the value of a key. Keys that services define describe the request, so the caller decides them. */
export function controlOf(key: string): KeyControl {
  const name = key.toLowerCase();
  if (KNOWN.has(name) || name.startsWith('aws:principaltag/') || isResourceTag(name)) return 'known';
  if (CALLER.has(name) || name.startsWith('aws:requesttag/')) return 'caller';
  if (MEMBERSHIP.has(name)) return 'membership';
  if (SETTING.has(name) || name.startsWith('aws:') || name.startsWith('saml:') || !name.includes(':'))
    return 'setting';
  return isFederation(name) ? 'setting' : 'caller';
}

// `accounts.google.com:aud`, `token.actions.githubusercontent.com:sub`, `cognito-identity.amazonaws.com:amr`.
function isFederation(name: string): boolean {
  return name.slice(0, name.lastIndexOf(':')).includes('.');
}

/** Whether a satisfied condition on the key is worth telling though its value is known. */
export function isPrincipalTag(key: string): boolean {
  return key.toLowerCase().startsWith('aws:principaltag/');
}

/** Whether the key is a tag of the resource that is asked for. */
export function isResourceTag(key: string): boolean {
  return key.toLowerCase().includes(':resourcetag/');
}
