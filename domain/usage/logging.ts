/** Which events the window's log recorded. Management events are on by default, data events are not. */
export interface LoggingScope {
  management: boolean;
  /** Service prefixes (`s3`) or CloudTrail's types (`AWS::S3::Object`) whose data events are recorded. */
  data: readonly string[] | 'all';
}

/** What an account has unless it says otherwise: the event history, which is management events only. */
export const DEFAULT_LOGGING: LoggingScope = { management: true, data: [] };

/**
 * Actions that CloudTrail records as data events, by service; `*` is the whole service. A pattern ends in `*`.
 * Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html.
 * In doubt an action is listed: what is listed and not logged is kept.
 */
const DATA_EVENTS: ReadonlyMap<string, readonly string[]> = new Map([
  [
    's3',
    [
      'AbortMultipartUpload',
      'BypassGovernanceRetention',
      'DeleteObject*',
      'GetObject*',
      'ListBucket',
      'ListBucketMultipartUploads',
      'ListBucketVersions',
      'ListMultipartUploadParts',
      'PutObject*',
      'Replicate*',
      'RestoreObject',
      'ObjectOwnerOverrideToBucketOwner',
      'InitiateReplication',
      'GetDataAccess',
    ],
  ],
  ['s3-object-lambda', ['*']],
  [
    's3-outposts',
    [
      'AbortMultipartUpload',
      'DeleteObject*',
      'GetObject*',
      'ListBucket*',
      'ListMultipartUploadParts',
      'PutObject*',
    ],
  ],
  ['s3express', ['CreateSession']],
  ['s3tables', ['GetTableData', 'PutTableData']],
  ['s3vectors', ['GetVectors', 'PutVectors', 'QueryVectors', 'DeleteVectors', 'ListVectors']],
  ['lambda', ['Invoke*']],
  [
    'dynamodb',
    [
      'BatchGetItem',
      'BatchWriteItem',
      'ConditionCheckItem',
      'DeleteItem',
      'GetItem',
      'PutItem',
      'Query',
      'Scan',
      'UpdateItem',
      'PartiQL*',
      'GetRecords',
      'GetShardIterator',
    ],
  ],
  ['sqs', ['SendMessage', 'ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility']],
  ['sns', ['Publish']],
  ['kinesis', ['Get*', 'Put*', 'SubscribeToShard', 'ListShards', 'DescribeStream*']],
  [
    'kinesisvideo',
    ['Get*', 'PutMedia', 'ListFragments', 'ConnectAs*', 'JoinStorageSession*', 'SendAlexaOfferToMaster'],
  ],
  ['firehose', ['PutRecord*']],
  [
    'cloudwatch',
    ['GetMetricData', 'GetMetricStatistics', 'GetMetricWidgetImage', 'ListMetrics', 'PutMetricData'],
  ],
  [
    'logs',
    [
      'PutLogEvents',
      'GetLogEvents',
      'FilterLogEvents',
      'GetLogRecord',
      'GetQueryResults',
      'StartLiveTail',
      'Unmask',
    ],
  ],
  ['xray', ['PutTraceSegments', 'PutTelemetryRecords', 'Get*', 'BatchGetTraces']],
  ['events', ['PutEvents', 'InvokeApiDestination']],
  ['ssmmessages', ['*']],
  ['ec2messages', ['*']],
  [
    'ssm',
    [
      'PutInventory',
      'PutComplianceItems',
      'UpdateInstanceInformation',
      'UpdateInstanceAssociationStatus',
      'UpdateAssociationStatus',
      'GetDeployablePatchSnapshotForInstance',
      'GetManifest',
      'ListInstanceAssociations',
      'DescribeAssociation',
      'GetDocument',
    ],
  ],
  ['execute-api', ['*']],
  ['appsync', ['GraphQL', 'SourceGraphQL', 'Event*']],
  ['appconfig', ['GetLatestConfiguration', 'StartConfigurationSession', 'GetConfiguration']],
  [
    'bedrock',
    ['InvokeAgent', 'InvokeFlow', 'InvokeInlineAgent', 'Retrieve*', 'ApplyGuardrail', 'RenderPrompt'],
  ],
  ['bedrock-agentcore', ['Invoke*', 'ListEvents', 'GetEvent', 'CreateEvent']],
  [
    'sagemaker',
    ['InvokeEndpoint*', 'GetRecord', 'PutRecord', 'DeleteRecord', 'BatchGetRecord', 'BatchPutMetrics'],
  ],
  ['rds-data', ['*']],
  ['rds-db', ['*']],
  ['redshift', ['GetClusterCredentials*']],
  ['neptune-db', ['*']],
  [
    'neptune-graph',
    ['Read*', 'Write*', 'Delete*ViaQuery', 'ExecuteQuery', 'GetQuery*', 'ListQueries', 'CancelQuery'],
  ],
  [
    'dax',
    [
      'BatchGetItem',
      'BatchWriteItem',
      'ConditionCheckItem',
      'DeleteItem',
      'GetItem',
      'PutItem',
      'Query',
      'Scan',
      'UpdateItem',
    ],
  ],
  ['dsql', ['DbConnect*']],
  ['elasticache', ['Connect']],
  ['memorydb', ['Connect']],
  ['elasticfilesystem', ['Client*']],
  ['kafka-cluster', ['*']],
  ['es', ['ESHttp*', 'ESCross*']],
  ['aoss', ['APIAccessAll', 'DashboardsAccessAll']],
  [
    'iot',
    [
      'Connect',
      'Publish',
      'Receive',
      'Subscribe',
      'RetainPublish',
      'GetRetainedMessage',
      '*ThingShadow',
      'ListNamedShadowsForThing',
    ],
  ],
  ['iotsitewise', ['BatchPut*', 'BatchGet*', 'GetAssetProperty*', 'GetInterpolated*']],
  ['ses', ['Send*']],
  ['mobiletargeting', ['SendMessages', 'SendUsersMessages', 'PutEvents']],
  ['sms-voice', ['Send*']],
  ['social-messaging', ['SendWhatsAppMessage']],
  ['cassandra', ['Select*', 'Modify*']],
  ['timestream', ['Select*', 'WriteRecords', 'CancelQuery', 'PrepareQuery']],
  ['qldb', ['SendCommand', 'PartiQL*']],
  ['ebs', ['*']],
  ['cloudfront-keyvaluestore', ['*']],
  ['codewhisperer', ['Generate*']],
  ['codeguru-profiler', ['ConfigureAgent', 'PostAgentProfile']],
  ['cloudtrail-data', ['*']],
  ['qbusiness', ['Chat*', 'PutFeedback', 'BatchPutDocument', 'BatchDeleteDocument']],
  ['q', ['SendMessage', 'StartConversation', 'GetConversation', 'PassRequest']],
  ['kendra-ranking', ['Rescore']],
  ['geo', ['*']],
  ['geo-maps', ['*']],
  ['geo-places', ['*']],
  ['geo-routes', ['*']],
  ['medical-imaging', ['Get*', 'Search*', 'CopyImageSet']],
  ['healthlake', ['ReadResource', 'CreateResource', 'UpdateResource', 'DeleteResource', 'Search*']],
  ['managedblockchain', ['GET', 'POST', 'Invoke']],
  ['managedblockchain-query', ['*']],
  [
    'payment-cryptography',
    ['DecryptData', 'EncryptData', 'ReEncryptData', 'Generate*', 'Verify*', 'TranslatePinData'],
  ],
  ['pca-connector-scep', ['*']],
  [
    'swf',
    ['Poll*', 'Respond*', 'RecordActivityTaskHeartbeat', 'SignalWorkflowExecution', 'StartWorkflowExecution'],
  ],
  ['states', ['GetActivityTask', 'SendTask*', 'InvokeHTTPEndpoint', 'StartSyncExecution']],
  ['verifiedpermissions', ['IsAuthorized*']],
  ['guardduty', ['SendSecurityTelemetry']],
  ['cognito-sync', ['*']],
  ['cognito-identity', ['GetCredentialsForIdentity', 'GetId', 'GetOpenIdToken*']],
  ['deepracer', ['*']],
  ['eks', ['AccessKubernetesApi', 'MutateViaKubernetesApi']],
  ['eks-auth', ['*']],
  ['ecs', ['Poll', 'StartTelemetrySession', 'DiscoverPollEndpoint']],
  ['vpc-lattice-svcs', ['*']],
  ['wisdom', ['*']],
  ['aps', ['RemoteWrite', 'QueryMetrics', 'GetSeries', 'GetLabels', 'GetMetricMetadata']],
  ['applicationinsights', ['Link']],
  ['rum', ['PutRumEvents']],
  ['servicediscovery', ['DiscoverInstances*']],
  ['synthetics', []],
  ['rolesanywhere', ['CreateSession']],
  ['personalize', ['GetRecommendations', 'GetPersonalizedRanking', 'Put*']],
]);

/** Actions that leave no record of their own, whatever is logged, with what they belong to. */
const NEVER_LOGGED: ReadonlyMap<string, string> = new Map([
  ['iam:passrole', 'handing a role to a service is checked within another call and has no event of its own'],
]);

const TYPE_PREFIX = /^aws::([a-z0-9]+)::/;

/** Whether the service's data events are recorded. */
export function logsDataEvents(scope: LoggingScope, service: string): boolean {
  if (scope.data === 'all') return true;
  return scope.data.some((declared) => {
    const name = declared.toLowerCase();
    const typed = TYPE_PREFIX.exec(name)?.[1];
    return (typed ?? name.replace(/\.amazonaws\.com$/, '')) === service.toLowerCase();
  });
}

/** Whether CloudTrail records the action as a data event. */
export function isDataEvent(action: string): boolean {
  const [service = '', name = ''] = action.split(':');
  const patterns = DATA_EVENTS.get(service.toLowerCase());
  return patterns?.some((pattern) => matchesName(pattern.toLowerCase(), name.toLowerCase())) ?? false;
}

function matchesName(pattern: string, name: string): boolean {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === name;
  const head = pattern.slice(0, star);
  const tail = pattern.slice(star + 1);
  return name.length >= head.length + tail.length && name.startsWith(head) && name.endsWith(tail);
}

/** Why the log cannot show whether the action was used; undefined when it can. */
export function unseenBecause(
  action: string,
  scope: LoggingScope,
): { reasonCode: string; reason: string } | undefined {
  const never = NEVER_LOGGED.get(action.toLowerCase());
  if (never !== undefined) return { reasonCode: 'no-event', reason: `The log cannot show it: ${never}.` };
  const service = action.split(':')[0] ?? '';
  if (isDataEvent(action)) {
    if (logsDataEvents(scope, service)) return undefined;
    return {
      reasonCode: 'data-events-not-logged',
      reason: `It is a data event and the log is not declared to record data events of ${service}, so an absence proves nothing.`,
    };
  }
  if (scope.management) return undefined;
  return {
    reasonCode: 'management-events-not-logged',
    reason: 'The log is not declared to record management events, so an absence proves nothing.',
  };
}
