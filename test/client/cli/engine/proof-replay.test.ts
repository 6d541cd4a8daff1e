import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { policyRightsize } from '../../../../client/cli/engine/policy-rightsize.js';
import { proofVerify } from '../../../../client/cli/engine/proof-verify.js';

const ACCOUNT = '111122223333';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/app/worker`;
const USER = `arn:aws:iam::${ACCOUNT}:user/ann`;

const identity = fc.constantFrom<unknown>(
  {
    type: 'AssumedRole',
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/worker/s`,
    sessionContext: { sessionIssuer: { arn: ROLE } },
  },
  { type: 'AssumedRole', arn: `arn:aws:sts::${ACCOUNT}:assumed-role/worker/t` },
  { type: 'IAMUser', arn: USER },
  { type: 'IAMUser', arn: `arn:aws:iam::${ACCOUNT}:user/other` },
  { type: 'AWSService', invokedBy: 'config.amazonaws.com' },
  { type: 'AWSAccount', accountId: '444455556666', principalId: 'AIDA' },
  { type: 'Unknown' },
  undefined,
);

const record = fc.record(
  {
    userIdentity: identity,
    eventSource: fc.constantFrom('s3.amazonaws.com', 'sqs.amazonaws.com', 'ec2.amazonaws.com', ''),
    eventName: fc.constantFrom(
      'GetObject',
      'HeadObject',
      'ListObjectsV2',
      'PutObject',
      'SendMessage',
      'RunInstances',
      'MakeCoffee',
    ),
    eventTime: fc.constantFrom('2026-05-01T00:00:00Z', '2026-02-01T00:00:00Z', 'noon'),
    errorCode: fc.constantFrom(
      undefined,
      undefined,
      'AccessDenied',
      'Client.UnauthorizedOperation',
      'NoSuchKey',
      'Client.DryRunOperation',
    ),
    eventType: fc.constantFrom(undefined, undefined, undefined, 'AwsServiceEvent'),
    requestParameters: fc.constantFrom<unknown>(
      { bucketName: 'data', key: 'in/1' },
      { bucketName: 'data' },
      null,
      { queueUrl: 'https://sqs' },
    ),
    recipientAccountId: fc.constant(ACCOUNT),
    awsRegion: fc.constant('eu-west-1'),
  },
  { requiredKeys: ['userIdentity', 'eventTime', 'recipientAccountId'] },
);

const row = fc.record(
  {
    principal: fc.constantFrom<unknown>(
      ROLE,
      USER,
      `arn:aws:sts::${ACCOUNT}:assumed-role/worker/x`,
      'lambda.amazonaws.com',
      7,
    ),
    action: fc.constantFrom<unknown>('s3:GetObject', 'sqs:SendMessage', 'ec2:RunInstances', 'nope', {
      eventSource: 's3',
      eventName: 'ListObjects',
    }),
    resource: fc.constantFrom('arn:aws:s3:::data/in/1', '*', 'arn:aws:sqs:eu-west-1:111122223333:q'),
    count: fc.constantFrom<unknown>(1, 3, 0, -1, 1.5, '2'),
    lastUsed: fc.constantFrom('2026-05-01', '2026-02-01'),
    outcome: fc.constantFrom('ok', 'denied', 'error', 'perhaps'),
  },
  { requiredKeys: ['action', 'count'] },
);

const item = fc.oneof(
  record,
  record,
  row,
  fc.array(record, { maxLength: 3 }).map((Records) => ({ Records })),
  fc.constantFrom<unknown>('garbage', null, 7, {}),
);

const statement = fc.record({
  Effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny'),
  Action: fc.uniqueArray(fc.constantFrom('s3:*', 's3:Get*', 's3:PutObject', 'sqs:*', '*'), {
    minLength: 1,
    maxLength: 2,
  }),
  Resource: fc.constantFrom('*', 'arn:aws:s3:::data/*', 'arn:aws:s3:::$'.concat('{aws:username}/*')),
  Condition: fc.constantFrom({}, {}, { Bool: { 'aws:SecureTransport': 'true' } }),
});

const line = fc.record({
  principal: fc.constantFrom(ROLE, USER, undefined),
  shared: fc.boolean(),
  statements: fc.array(statement, { minLength: 1, maxLength: 3 }),
  usage: fc.array(item, { maxLength: 8 }),
  resources: fc.constantFrom('leave', 'exact', 'prefix'),
});

describe('the accounting of a usage log', () => {
  it('adds up, and is what the verifier counts from the raw records', () => {
    const verdicts = new Set<string>();
    fc.assert(
      fc.property(line, ({ principal, shared, statements, usage, resources }) => {
        const asked = {
          ...(principal === undefined ? {} : { principal }),
          policies: [
            {
              name: 'p',
              managed: shared ? 'customer' : 'inline',
              ...(shared ? { attachedTo: [ROLE, USER] } : {}),
              document: { Version: '2012-10-17', Statement: statements },
            },
          ],
          usage: JSON.parse(JSON.stringify(usage)) as unknown[],
          window: { from: '2026-01-01', to: '2026-06-30' },
          options: { resources, logging: { management: true, data: 'all' } },
        };
        const answer = policyRightsize(asked);
        const counts = answer.proof.usage;
        if (counts === null) throw new Error('a right-sizing accounts for its usage');
        const { total, replayed, denied, otherPrincipal, service, unmapped, notAllowedBefore, malformed } =
          counts;
        expect(replayed + denied + otherPrincipal + service + unmapped + notAllowedBefore + malformed).toBe(
          total,
        );
        const { verdict } = answer.proof;
        verdicts.add(verdict);
        const isHeld = verdict === 'proved' || verdict === 'partial';
        const checked = proofVerify({ proof: JSON.parse(JSON.stringify(answer)) as unknown, inputs: asked });
        expect({ asked, checked, isHeld }).toMatchObject({ checked: { valid: isHeld } });
      }),
      { numRuns: 50 },
    );
    expect([...verdicts]).toEqual(expect.arrayContaining(['proved', 'partial']));
  });
});
