import { describe, expect, it } from '@jest/globals';
import { actionInfo } from '../../../domain/iam/catalogue.js';
import type { EventCall } from '../../../domain/usage/event-call.js';
import { mappedEvents, pairsOf, pairsOfName } from '../../../domain/usage/event-map.js';
import { RESOURCE_READERS } from '../../../domain/usage/event-resources.js';
import { stripVersion } from '../../../domain/usage/event-source.js';

function call(source: string, eventName: string, request: unknown, more: Partial<EventCall> = {}): EventCall {
  return {
    eventSource: `${source}.amazonaws.com`,
    eventName,
    region: 'eu-west-1',
    account: '123456789012',
    partition: 'aws',
    request,
    response: null,
    resources: [],
    ...more,
  };
}

const HERE = 'eu-west-1:123456789012';

describe('the mapping from events to actions', () => {
  it.each(mappedEvents())('$event maps to actions of the catalogue, in its case', ({ actions }) => {
    for (const action of actions) expect(actionInfo(action)?.name).toBe(action);
  });

  it('has more than 120 lines of its own', () => {
    expect(mappedEvents().length).toBeGreaterThan(120);
  });

  it.each<[string, EventCall, string[]]>([
    [
      'a listing asks the bucket',
      call('s3', 'ListObjects', { bucketName: 'b' }),
      ['s3:ListBucket arn:aws:s3:::b'],
    ],
    [
      'a head asks like a get',
      call('s3', 'HeadObject', { bucketName: 'b', key: 'k/1' }),
      ['s3:GetObject arn:aws:s3:::b/k/1'],
    ],
    [
      'a version has an action of its own',
      call('s3', 'GetObject', { bucketName: 'b', key: 'k', versionId: 'v' }),
      ['s3:GetObjectVersion arn:aws:s3:::b/k'],
    ],
    [
      'a copy reads one object and writes another',
      call('s3', 'CopyObject', { bucketName: 'b', key: 'k', 'x-amz-copy-source': '/from/a%20b?versionId=1' }),
      ['s3:GetObject arn:aws:s3:::from/a b', 's3:PutObject arn:aws:s3:::b/k'],
    ],
    [
      'a broken escape is an unknown resource',
      call('s3', 'UploadPartCopy', { bucketName: 'b', key: 'k', 'x-amz-copy-source': 'a/%zz' }),
      ['s3:GetObject', 's3:PutObject arn:aws:s3:::b/k'],
    ],
    ['the bucket listing', call('s3', 'ListBuckets', {}), ['s3:ListAllMyBuckets']],
    [
      'encryption is named differently',
      call('s3', 'GetBucketEncryption', { bucketName: 'b' }),
      ['s3:GetEncryptionConfiguration arn:aws:s3:::b'],
    ],
    [
      'a batch deletion does not say which',
      call('s3', 'DeleteObjects', { bucketName: 'b' }),
      ['s3:DeleteObject', 's3:DeleteObjectVersion'],
    ],
    [
      'a dated name passes its role',
      call('lambda', 'CreateFunction20150331', {
        functionName: 'f',
        role: 'arn:aws:iam::123456789012:role/x',
      }),
      [
        `lambda:CreateFunction arn:aws:lambda:${HERE}:function:f`,
        'iam:PassRole arn:aws:iam::123456789012:role/x',
      ],
    ],
    [
      'a dated and versioned name',
      call('lambda', 'GetFunctionConfiguration20150331v2', { functionName: 'f' }),
      [`lambda:GetFunctionConfiguration arn:aws:lambda:${HERE}:function:f`],
    ],
    [
      'an invocation',
      call('lambda', 'Invoke', { functionName: `arn:aws:lambda:${HERE}:function:f` }),
      [`lambda:InvokeFunction arn:aws:lambda:${HERE}:function:f`],
    ],
    [
      'a query on an index',
      call('dynamodb', 'Query', { tableName: 't', indexName: 'i' }),
      [`dynamodb:Query arn:aws:dynamodb:${HERE}:table/t/index/i`],
    ],
    [
      'a batch over tables',
      call('dynamodb', 'BatchGetItem', { requestItems: { a: {}, b: {} } }),
      [
        `dynamodb:BatchGetItem arn:aws:dynamodb:${HERE}:table/a`,
        `dynamodb:BatchGetItem arn:aws:dynamodb:${HERE}:table/b`,
      ],
    ],
    ['a transaction is its parts', call('dynamodb', 'TransactGetItems', {}), ['dynamodb:GetItem']],
    [
      're-encryption is two actions',
      call('kms', 'ReEncrypt', { sourceKeyId: 'alias/a', destinationKeyId: `arn:aws:kms:${HERE}:key/k` }),
      ['kms:ReEncryptFrom', `kms:ReEncryptTo arn:aws:kms:${HERE}:key/k`],
    ],
    [
      'a key by alias is the record’s key',
      call(
        'kms',
        'Decrypt',
        { keyId: 'alias/a' },
        { resources: [{ type: 'AWS::KMS::Key', arn: `arn:aws:kms:${HERE}:key/k` }] },
      ),
      [`kms:Decrypt arn:aws:kms:${HERE}:key/k`],
    ],
    [
      'a queue’s batch is its single action',
      call('sqs', 'SendMessageBatch', { queueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/jobs' }),
      [`sqs:SendMessage arn:aws:sqs:${HERE}:jobs`],
    ],
    [
      'a hostile queue URL is no resource',
      call('sqs', 'SendMessage', {
        queueUrl: 'https://sqs.eu-west-1.amazonaws.com.evil/123456789012/jobs/*',
      }),
      ['sqs:SendMessage'],
    ],
    ['metrics have another prefix', call('monitoring', 'PutMetricAlarm', {}), ['cloudwatch:PutMetricAlarm']],
    ['mail has another prefix', call('email', 'ListIdentities', {}), ['ses:ListIdentities']],
    ['REST verbs', call('apigateway', 'GetRestApis', {}), ['apigateway:GET']],
    ['the default rule', call('organizations', 'ListAccounts', {}), ['organizations:ListAccounts']],
    [
      'the default rule takes the record’s only resource',
      call('sns', 'DeleteTopic', {}, { resources: [{ arn: `arn:aws:sns:${HERE}:t` }] }),
      [`sns:DeleteTopic arn:aws:sns:${HERE}:t`],
    ],
    ['an unknown call', call('s3', 'NoSuchCall', {}), []],
    ['a sign-in needs no action', call('signin', 'ConsoleLogin', {}), []],
    ['a name from the prototype', call('s3', '__proto__', {}), []],
  ])('%s', (_, event, expected) => {
    expect(
      pairsOf(event).map(({ action, resource }) =>
        resource === undefined ? action : `${action} ${resource}`,
      ),
    ).toEqual(expected);
  });

  it('authorises RunInstances on every kind of resource that it touches', () => {
    const pairs = pairsOf(
      call(
        'ec2',
        'RunInstances',
        {
          instancesSet: { items: [{ imageId: 'ami-1', keyName: 'k' }] },
          subnetId: 'subnet-1',
          groupSet: { items: [{ groupId: 'sg-1' }, { groupId: 'sg-2' }] },
          iamInstanceProfile: { name: 'p' },
          tagSpecificationSet: { items: [{}] },
        },
        {
          response: {
            instancesSet: {
              items: [
                { instanceId: 'i-1', networkInterfaceSet: { items: [{ networkInterfaceId: 'eni-1' }] } },
              ],
            },
          },
        },
      ),
    );
    expect(pairs).toEqual(
      expect.arrayContaining([
        { action: 'ec2:RunInstances', resource: 'arn:aws:ec2:eu-west-1::image/ami-1' },
        { action: 'ec2:RunInstances', resource: `arn:aws:ec2:${HERE}:instance/i-1` },
        { action: 'ec2:RunInstances', resource: `arn:aws:ec2:${HERE}:network-interface/eni-1` },
        { action: 'ec2:RunInstances', resource: `arn:aws:ec2:${HERE}:subnet/subnet-1` },
        { action: 'ec2:RunInstances', resource: `arn:aws:ec2:${HERE}:security-group/sg-2` },
        { action: 'ec2:RunInstances', resource: `arn:aws:ec2:${HERE}:key-pair/k` },
        { action: 'ec2:CreateTags', resource: `arn:aws:ec2:${HERE}:instance/i-1` },
        { action: 'iam:PassRole' },
      ]),
    );
  });

  it('maps a name without a request to all that it can authorise', () => {
    expect(pairsOfName('s3.amazonaws.com', 'CopyObject').map((pair) => pair.action)).toContain(
      's3:GetObject',
    );
  });

  it('reads no resource from requests of odd shapes', () => {
    for (const read of RESOURCE_READERS.values()) {
      for (const request of [
        null,
        7,
        'text',
        [],
        { bucketName: 1, keyId: {}, queueUrl: [] },
        { requestItems: 'x' },
      ]) {
        expect(read(call('s3', 'GetObject', request))).toEqual([]);
      }
    }
  });

  it.each([
    ['CreateFunction20150331', 'CreateFunction'],
    ['UpdateFunctionCode20150331v2', 'UpdateFunctionCode'],
    ['CreateDistribution2020_05_31', 'CreateDistribution'],
    ['GetObject', 'GetObject'],
    ['DescribeDBInstances', 'DescribeDBInstances'],
  ])('takes the version off %s', (name, expected) => {
    expect(stripVersion(name)).toBe(expected);
  });
});
