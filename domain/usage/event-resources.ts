import { isRecord } from '../json.js';
import { type EventCall, stringsAt } from './event-call.js';

type ResourceReader = (call: EventCall) => string[];

/** An ARN made of `{path}` of the request parameters; a value that is an ARN already stands for itself. */
function fromRequest(service: string, form: string): ResourceReader {
  const path = /\{([^}]+)\}/.exec(form)?.[1] ?? '';
  return (call) =>
    stringsAt(call.request, path).map((value) => {
      if (value.startsWith('arn:')) return value;
      const name = form.replace(/\{[^}]+\}/, () => value);
      return `arn:${call.partition}:${service}:${call.region}:${call.account}:${name}`;
    });
}

/** Values of the request that are ARNs; a bare name says too little (a role's path is not in it). */
function arnsOf(path: string): ResourceReader {
  return (call) => stringsAt(call.request, path).filter((value) => value.startsWith('arn:'));
}

function bucket(call: EventCall): string[] {
  const own = call.resources.filter((resource) => resource.type === 'AWS::S3::Bucket');
  const name = stringsAt(call.request, 'bucketName')[0] ?? stringsAt(call.request, 'Bucket')[0];
  if (name?.startsWith('arn:')) return [name];
  if (name !== undefined) return [`arn:${call.partition}:s3:::${name}`];
  return own.map((resource) => resource.arn);
}

function object(call: EventCall): string[] {
  const name = stringsAt(call.request, 'bucketName')[0] ?? stringsAt(call.request, 'Bucket')[0];
  const key = stringsAt(call.request, 'key')[0] ?? stringsAt(call.request, 'Key')[0];
  const own = call.resources.filter((resource) => resource.type === 'AWS::S3::Object');
  // An access point authorises on its own ARN; the record then names the bucket elsewhere.
  if (name?.startsWith('arn:')) return key === undefined ? [] : [`${name}/object/${key}`];
  if (name !== undefined && key !== undefined) return [`arn:${call.partition}:s3:::${name}/${key}`];
  return own.map((resource) => resource.arn);
}

function copySource(call: EventCall): string[] {
  return stringsAt(call.request, 'x-amz-copy-source').flatMap((value) => {
    const path = decode(value.split('?')[0] ?? '')?.replace(/^\//, '');
    if (path === undefined || !path.includes('/')) return [];
    return path.startsWith('arn:') ? [path] : [`arn:${call.partition}:s3:::${path}`];
  });
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    // A malformed escape names no object that we could replay: the resource counts as unknown.
    return undefined;
  }
}

function tableIndex(call: EventCall): string[] {
  const [index] = stringsAt(call.request, 'indexName');
  return index === undefined ? [] : table(call).map((arn) => `${arn}/index/${index}`);
}

const table = fromRequest('dynamodb', 'table/{tableName}');

function requestTables(call: EventCall): string[] {
  const items = isRecord(call.request) ? call.request['requestItems'] : undefined;
  if (!isRecord(items)) return ofType('AWS::DynamoDB::Table')(call);
  return Object.keys(items).map((name) =>
    name.startsWith('arn:')
      ? name
      : `arn:${call.partition}:dynamodb:${call.region}:${call.account}:table/${name}`,
  );
}

function ofType(type: string): ResourceReader {
  return (call) =>
    call.resources.filter((resource) => resource.type === type).map((resource) => resource.arn);
}

/** A KMS key: the record's own key ARN; the request may say an alias, which is not what is authorised. */
function key(call: EventCall): string[] {
  const own = ofType('AWS::KMS::Key')(call);
  if (own.length > 0) return own;
  return stringsAt(call.request, 'keyId').flatMap((id) => {
    if (id.startsWith('arn:')) return id.includes(':key/') ? [id] : [];
    return /^(mrk-)?[0-9a-f-]{32,36}$/.test(id)
      ? [`arn:${call.partition}:kms:${call.region}:${call.account}:key/${id}`]
      : [];
  });
}

function kmsKeyAt(path: string): ResourceReader {
  return (call) => arnsOf(path)(call).filter((arn) => arn.includes(':key/'));
}

function queue(call: EventCall): string[] {
  return stringsAt(call.request, 'queueUrl').flatMap((url) => {
    const match =
      /^https:\/\/(?:sqs\.([a-z0-9-]+)|([a-z0-9-]+)\.queue|queue)\.amazonaws\.com[^/]*\/(\d{12})\/([\w.-]+)$/.exec(
        url,
      );
    if (match === null) return [];
    const region = match[1] ?? match[2] ?? call.region;
    return [`arn:${call.partition}:sqs:${region}:${match[3]}:${match[4]}`];
  });
}

/** `name` and `/name` are the same parameter; the ARN has one slash. */
function parameterAt(path: string): ResourceReader {
  return (call) =>
    stringsAt(call.request, path).map((name) =>
      name.startsWith('arn:')
        ? name
        : `arn:${call.partition}:ssm:${call.region}:${call.account}:parameter/${name.replace(/^\//, '').replace(/:\d+$/, '')}`,
    );
}

function ec2At(
  kind: string,
  path: string,
  from: 'request' | 'response' = 'request',
  owned = true,
): ResourceReader {
  return (call) =>
    unique(stringsAt(call[from], path)).map(
      (id) => `arn:${call.partition}:ec2:${call.region}:${owned ? call.account : ''}:${kind}/${id}`,
    );
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}

function lambdaFunction(call: EventCall): string[] {
  const own = ofType('AWS::Lambda::Function')(call);
  if (own.length > 0) return own;
  return fromRequest(
    'lambda',
    'function:{functionName}',
  )(call).map((arn) => {
    const [qualifier] = stringsAt(call.request, 'qualifier');
    return qualifier === undefined || arn.split(':').length > 7 ? arn : `${arn}:${qualifier}`;
  });
}

/** How each resource name of the mapping table is read from a record; an empty answer means unknown. */
export const RESOURCE_READERS: ReadonlyMap<string, ResourceReader> = new Map(
  Object.entries({
    bucket,
    object,
    copySource,
    table,
    tableIndex,
    requestTables,
    key,
    sourceKey: kmsKeyAt('sourceKeyId'),
    destinationKey: kmsKeyAt('destinationKeyId'),
    queue,
    topic: arnsOf('topicArn'),
    roleArn: arnsOf('roleArn'),
    roleARN: arnsOf('roleARN'),
    role: arnsOf('role'),
    serviceRole: arnsOf('serviceRole'),
    taskRole: arnsOf('taskRoleArn'),
    executionRole: arnsOf('executionRoleArn'),
    overrideTaskRole: arnsOf('overrides.taskRoleArn'),
    overrideExecutionRole: arnsOf('overrides.executionRoleArn'),
    jobUpdateRole: arnsOf('jobUpdate.role'),
    pipelineRole: arnsOf('pipeline.roleArn'),
    targetRoles: arnsOf('targets[].roleArn'),
    scheduleRole: arnsOf('target.roleArn'),
    stateMachine: arnsOf('stateMachineArn'),
    secret: arnsOf('secretId'),
    parameter: parameterAt('name'),
    parameters: parameterAt('names[]'),
    repository: fromRequest('ecr', 'repository/{repositoryName}'),
    stream: fromRequest('kinesis', 'stream/{streamName}'),
    deliveryStream: fromRequest('firehose', 'deliverystream/{deliveryStreamName}'),
    workgroup: fromRequest('athena', 'workgroup/{workGroup}'),
    database: fromRequest('rds', 'db:{dBInstanceIdentifier}'),
    function: lambdaFunction,
    image: ec2At('image', 'instancesSet.items[].imageId', 'request', false),
    newInstance: ec2At('instance', 'instancesSet.items[].instanceId', 'response'),
    newVolume: ec2At('volume', 'instancesSet.items[].blockDeviceMapping.items[].ebs.volumeId', 'response'),
    newInterface: ec2At(
      'network-interface',
      'instancesSet.items[].networkInterfaceSet.items[].networkInterfaceId',
      'response',
    ),
    requestSubnet: ec2At('subnet', 'subnetId'),
    requestSecurityGroups: ec2At('security-group', 'groupSet.items[].groupId'),
    requestGroups: ec2At('security-group', 'groupSet.items[].groupId'),
    requestKeyPair: ec2At('key-pair', 'instancesSet.items[].keyName'),
    launchTemplate: ec2At('launch-template', 'launchTemplate.launchTemplateId'),
    instances: ec2At('instance', 'instancesSet.items[].instanceId'),
    instance: ec2At('instance', 'instanceId'),
    volume: ec2At('volume', 'volumeId'),
    snapshot: ec2At('snapshot', 'snapshotId'),
    newSnapshot: ec2At('snapshot', 'snapshotId', 'response', false),
    subnet: ec2At('subnet', 'subnetId'),
    createdInterface: ec2At('network-interface', 'networkInterface.networkInterfaceId', 'response'),
  }),
);
