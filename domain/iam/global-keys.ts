/** How the values of a condition key compare. */
export type GlobalKeyType = 'String' | 'ARN' | 'Bool' | 'Date' | 'Numeric' | 'IPAddress';

/** A condition key that every service shares; no catalogue of services lists these. */
export interface GlobalKey {
  /** As the reference writes it; `tag-key` stands for any. */
  name: string;
  type: GlobalKeyType;
  multiValued: boolean;
  /** When a request carries it: `always`, or for which requests. */
  present: string;
  source: string;
}

const PAGE =
  'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-';

type Row = readonly [name: string, type: GlobalKeyType, present: string];

const SINGLE: readonly Row[] = [
  // Properties of the principal
  ['aws:PrincipalArn', 'ARN', 'signed requests of IAM principals'],
  ['aws:PrincipalAccount', 'String', 'signed requests of IAM principals'],
  ['aws:PrincipalOrgID', 'String', 'the principal is a member of an organisation'],
  ['aws:PrincipalTag/tag-key', 'String', 'the principal has that tag'],
  ['aws:PrincipalIsAWSService', 'Bool', 'signed requests'],
  ['aws:PrincipalServiceName', 'String', 'the caller is a service principal'],
  ['aws:PrincipalType', 'String', 'always'],
  ['aws:userid', 'String', 'always'],
  ['aws:username', 'String', 'the principal is an IAM user'],
  // Properties of a role session
  ['aws:AssumedRoot', 'Bool', 'credentials of AssumeRoot'],
  ['aws:FederatedProvider', 'String', 'the session came from an OIDC provider'],
  ['aws:TokenIssueTime', 'Date', 'temporary credentials'],
  ['aws:MultiFactorAuthAge', 'Numeric', 'temporary credentials that were issued with MFA'],
  ['aws:MultiFactorAuthPresent', 'Bool', 'temporary credentials; absent with long-term keys'],
  ['aws:ChatbotSourceArn', 'ARN', 'the session was made by a chat application'],
  ['aws:Ec2InstanceSourceVpc', 'String', 'credentials of an EC2 instance role'],
  ['aws:Ec2InstanceSourcePrivateIPv4', 'IPAddress', 'credentials of an EC2 instance role'],
  ['aws:SourceIdentity', 'String', 'the session or the role before it set a source identity'],
  ['ec2:RoleDelivery', 'Numeric', 'credentials of an EC2 instance role'],
  ['ec2:SourceInstanceArn', 'ARN', 'credentials of an EC2 instance role'],
  ['glue:RoleAssumedBy', 'String', 'the session was made by a Glue job'],
  ['glue:CredentialIssuingService', 'String', 'the session was made by a Glue job'],
  ['codebuild:BuildArn', 'ARN', 'the session was made by a CodeBuild build'],
  ['codebuild:ProjectArn', 'ARN', 'the session was made by a CodeBuild build'],
  ['lambda:SourceFunctionArn', 'ARN', 'credentials of a Lambda function'],
  ['ssm:SourceInstanceArn', 'ARN', 'credentials of a managed instance'],
  ['identitystore:UserId', 'String', 'the session came from the identity centre'],
  // Properties of the network
  ['aws:SourceIp', 'IPAddress', 'requests that came over public addresses, not through a VPC endpoint'],
  ['aws:SourceVpc', 'String', 'requests through a VPC endpoint'],
  ['aws:SourceVpcArn', 'ARN', 'requests through a VPC endpoint of some services'],
  ['aws:SourceVpce', 'String', 'requests through a VPC endpoint'],
  ['aws:VpceAccount', 'String', 'requests through a VPC endpoint of some services'],
  ['aws:VpceOrgID', 'String', 'requests through a VPC endpoint of some services'],
  ['aws:VpcSourceIp', 'IPAddress', 'requests through a VPC endpoint'],
  // Properties of the resource
  ['aws:ResourceAccount', 'String', 'most requests on a resource'],
  ['aws:ResourceOrgID', 'String', 'the account of the resource is a member of an organisation'],
  ['aws:ResourceTag/tag-key', 'String', 'the resource has that tag and the service passes it'],
  // Properties of the request
  ['aws:CalledViaFirst', 'String', 'a service calls for the principal'],
  ['aws:CalledViaLast', 'String', 'a service calls for the principal'],
  ['aws:ViaAWSService', 'Bool', 'always'],
  ['aws:CurrentTime', 'Date', 'always'],
  ['aws:EpochTime', 'Date', 'always'],
  ['aws:referer', 'String', 'the HTTP request has that header'],
  ['aws:RequestedRegion', 'String', 'always'],
  ['aws:RequestTag/tag-key', 'String', 'the request sets that tag'],
  ['aws:SecureTransport', 'Bool', 'always'],
  ['aws:SourceAccount', 'String', 'a service principal calls for a resource of an account'],
  ['aws:SourceArn', 'ARN', 'a service principal calls for a resource'],
  ['aws:SourceOrgID', 'String', 'a service principal calls for a resource of an organisation'],
  ['aws:UserAgent', 'String', 'the HTTP request has that header'],
];

const MULTI: readonly Row[] = [
  ['aws:PrincipalOrgPaths', 'String', 'the principal is a member of an organisation'],
  ['aws:PrincipalServiceNamesList', 'String', 'the caller is a service principal'],
  ['aws:ResourceOrgPaths', 'String', 'the account of the resource is a member of an organisation'],
  ['aws:SourceOrgPaths', 'String', 'a service principal calls for a resource of an organisation'],
  ['aws:VpceOrgPaths', 'String', 'requests through a VPC endpoint of some services'],
  ['aws:CalledVia', 'String', 'a service calls for the principal'],
  ['aws:TagKeys', 'String', 'the request sets or removes tags'],
];

function toKey([name, type, present]: Row, multiValued: boolean): GlobalKey {
  const anchor = (name.split(':')[1] ?? name).split('/')[0]?.toLowerCase() ?? '';
  return { name, type, multiValued, present, source: `${PAGE}${anchor}` };
}

/** The global and cross-service keys of the IAM user guide. */
export const GLOBAL_KEYS: readonly GlobalKey[] = [
  ...SINGLE.map((row) => toKey(row, false)),
  ...MULTI.map((row) => toKey(row, true)),
];

const byName: ReadonlyMap<string, GlobalKey> = new Map(GLOBAL_KEYS.map((key) => [stem(key.name), key]));

/** `aws:resourcetag/` for any key about one tag; the name in lower case otherwise. */
function stem(name: string): string {
  const lower = name.toLowerCase();
  return lower.slice(0, lower.indexOf('/') + 1) || lower;
}

/** The global key that a policy's key names, in any case; tag keys by their prefix. Undefined for a service's own. */
export function globalKey(name: string): GlobalKey | undefined {
  return byName.get(stem(name));
}
