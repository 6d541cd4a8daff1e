/**
 * Condition keys whose number of values AWS documents, in lower case. Keys in neither list are single-valued unless
 * a policy of the question asks them with ForAllValues or ForAnyValue.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html ("Value type")
 */
const MULTI_VALUED: ReadonlySet<string> = new Set([
  'aws:calledvia',
  'aws:principalorgpaths',
  'aws:principalservicenameslist',
  'aws:resourceorgpaths',
  'aws:sourceorgpaths',
  'aws:tagkeys',
  'aws:vpceorgpaths',
  'dynamodb:attributes',
  'dynamodb:leadingkeys',
  'kms:encryptioncontextkeys',
  's3:requestobjecttagkeys',
  'sts:transitivetagkeys',
  'cognito-identity.amazonaws.com:amr',
]);

const SINGLE_VALUED: ReadonlySet<string> = new Set([
  'aws:currenttime',
  'aws:epochtime',
  'aws:principalaccount',
  'aws:principalarn',
  'aws:principalisawsservice',
  'aws:principalorgid',
  'aws:principaltype',
  'aws:referer',
  'aws:requestedregion',
  'aws:resourceaccount',
  'aws:resourceorgid',
  'aws:securetransport',
  'aws:sourceaccount',
  'aws:sourcearn',
  'aws:sourceidentity',
  'aws:sourceip',
  'aws:sourceorgid',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:tokenissuetime',
  'aws:useragent',
  'aws:userid',
  'aws:username',
  'aws:viaawsservice',
  'aws:vpcsourceip',
  'aws:multifactorauthage',
  'aws:multifactorauthpresent',
  'aws:calledviafirst',
  'aws:calledvialast',
]);
const SINGLE_VALUED_FAMILIES = ['aws:principaltag/', 'aws:requesttag/', 'aws:resourcetag/'];

/** `single` or `multi` where documented. */
export function documentedArity(key: string): 'single' | 'multi' | undefined {
  if (MULTI_VALUED.has(key)) return 'multi';
  if (SINGLE_VALUED.has(key) || SINGLE_VALUED_FAMILIES.some((family) => key.startsWith(family)))
    return 'single';
  return undefined;
}

/** Keys whose values are `true` and `false`, in any case. */
export const BOOLEAN_KEYS: ReadonlySet<string> = new Set([
  'aws:multifactorauthpresent',
  'aws:principalisawsservice',
  'aws:securetransport',
  'aws:viaawsservice',
]);
