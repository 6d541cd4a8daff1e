/**
 * Event sources whose prefix is not the IAM service prefix. Everything else is the part before
 * `.amazonaws.com`. Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-aws-service-specific-topics.html
 * and the service prefixes of the service authorisation reference.
 */
const SOURCE_PREFIX: ReadonlyMap<string, string> = new Map([
  ['monitoring', 'cloudwatch'],
  ['email', 'ses'],
  ['sesv2', 'ses'],
  ['tagging', 'tag'],
  ['opensearch', 'es'],
  ['opensearchserverless', 'aoss'],
  ['iotdata', 'iot'],
  ['data.iot', 'iot'],
  ['runtime.sagemaker', 'sagemaker'],
  ['api.sagemaker', 'sagemaker'],
  ['runtime.lex', 'lex'],
  ['models.lex', 'lex'],
  ['lexv2', 'lex'],
  ['models-v2-lex', 'lex'],
  ['runtime-v2-lex', 'lex'],
  ['pinpoint', 'mobiletargeting'],
  ['entitlement.marketplace', 'aws-marketplace'],
  ['entitlement-marketplace', 'aws-marketplace'],
  ['metering-marketplace', 'aws-marketplace'],
  ['catalog-marketplace', 'aws-marketplace'],
  ['marketplace', 'aws-marketplace'],
  ['streams.dynamodb', 'dynamodb'],
  ['api.ecr', 'ecr'],
  ['api.ecr-public', 'ecr-public'],
  ['data.mediastore', 'mediastore'],
  ['bedrock-runtime', 'bedrock'],
  ['bedrock-agent', 'bedrock'],
  ['bedrock-agent-runtime', 'bedrock'],
  ['location', 'geo'],
  ['msk', 'kafka'],
  ['docdb', 'rds'],
  ['neptune', 'rds'],
  ['emr', 'elasticmapreduce'],
  ['applicationautoscaling', 'application-autoscaling'],
  ['cognitoidp', 'cognito-idp'],
  ['cognitoidentity', 'cognito-identity'],
  ['s3-outposts', 's3-outposts'],
  ['ec2-instance-connect', 'ec2-instance-connect'],
  ['sso-directory', 'sso-directory'],
  ['resource-groups', 'resource-groups'],
  ['servicecatalog-appregistry', 'servicecatalog'],
  ['elasticloadbalancingv2', 'elasticloadbalancing'],
  ['timestream-query', 'timestream'],
  ['timestream-write', 'timestream'],
  ['keyspaces', 'cassandra'],
  ['prometheus', 'aps'],
  ['managedgrafana', 'grafana'],
  ['kinesisanalyticsv2', 'kinesisanalytics'],
  ['codestar-connections', 'codestar-connections'],
  ['schemas', 'schemas'],
  ['discoveryservice', 'discovery'],
  ['macie', 'macie2'],
  ['amplify-backend', 'amplifybackend'],
  ['appintegrations', 'app-integrations'],
]);

/** The IAM service prefix of an event source: `monitoring.amazonaws.com` is `cloudwatch`. */
export function prefixOfSource(eventSource: string): string {
  const source = eventSource.toLowerCase().replace(/\.amazonaws\.com(\.cn)?$/, '');
  return SOURCE_PREFIX.get(source) ?? source;
}

/** Takes an API version's date off an event name: `GetFunction20150331v2`, `CreateDistribution2020_05_31`. */
export function stripVersion(eventName: string): string {
  return eventName.replace(/_?(19|20)\d\d_?[01]\d_?[0-3]\d(v\d+)?(_\d+)?$/, '');
}

/**
 * API Gateway's actions are the HTTP verbs of its control plane.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagement.html
 */
export function restVerb(name: string): string {
  if (/^(Get|Export|List|Describe)/.test(name)) return 'GET';
  if (/^(Create|Import|Generate|Tag)/.test(name)) return name.startsWith('Tag') ? 'PUT' : 'POST';
  if (/^Update/.test(name)) return 'PATCH';
  if (/^(Delete|Untag|Flush|Reset)/.test(name)) return 'DELETE';
  if (/^(Put|Reimport)/.test(name)) return 'PUT';
  return name;
}
