import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Denial, MAX_BLAME_LENGTH, readBlame } from '../../../domain/blame/denial.js';

const SESSION = 'arn:aws:sts::111122223333:assumed-role/orders-api/i-0abc';
const OBJECT = 'arn:aws:s3:::orders/2026/a.json';

/** Forms as AWS documents and prints them: "Access denied error message examples" of the IAM user guide. */
const MESSAGES: readonly (readonly [text: string, denial: Denial])[] = [
  [
    `User: ${SESSION} is not authorized to perform: s3:GetObject on resource: "${OBJECT}" because no identity-based policy allows the s3:GetObject action`,
    { principal: SESSION, action: 's3:GetObject', resource: OBJECT, how: 'implicit', by: 'identity' },
  ],
  [
    `An error occurred (AccessDenied) when calling the PutObject operation: User: ${SESSION} is not authorized to perform: s3:PutObject on resource: ${OBJECT} with an explicit deny in a resource-based policy`,
    { principal: SESSION, action: 's3:PutObject', resource: OBJECT, how: 'explicit', by: 'resource' },
  ],
  [
    'User: arn:aws:iam::111122223333:user/jo is not authorized to perform: codecommit:ListRepositories because no service control policy allows the codecommit:ListRepositories action',
    {
      principal: 'arn:aws:iam::111122223333:user/jo',
      action: 'codecommit:ListRepositories',
      how: 'implicit',
      by: 'scp',
    },
  ],
  [
    `User: ${SESSION} is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/x because no role trust policy allows the sts:AssumeRole action`,
    {
      principal: SESSION,
      action: 'sts:AssumeRole',
      resource: 'arn:aws:iam::111122223333:role/x',
      how: 'implicit',
      by: 'trust',
    },
  ],
  [
    `AccessDeniedException: User: ${SESSION} is not authorized to perform: dynamodb:Query on resource: arn:aws:dynamodb:eu-west-1:111122223333:table/t with an explicit deny in a permissions boundary`,
    {
      principal: SESSION,
      action: 'dynamodb:Query',
      resource: 'arn:aws:dynamodb:eu-west-1:111122223333:table/t',
      how: 'explicit',
      by: 'boundary',
    },
  ],
  [
    `User: ${SESSION} is not authorized to perform: logs:StartQuery because no session policy allows the logs:StartQuery action`,
    { principal: SESSION, action: 'logs:StartQuery', how: 'implicit', by: 'session' },
  ],
  [
    `User: ${SESSION} is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::orders" with an explicit deny in a VPC endpoint policy`,
    {
      principal: SESSION,
      action: 's3:ListBucket',
      resource: 'arn:aws:s3:::orders',
      how: 'explicit',
      by: 'endpoint',
    },
  ],
  [
    `User: ${SESSION} is not authorized to perform: s3:GetObject on resource: "${OBJECT}" with an explicit deny in a resource control policy: arn:aws:organizations::999988887777:policy/o-x/p-y`,
    { principal: SESSION, action: 's3:GetObject', resource: OBJECT, how: 'explicit', by: 'rcp' },
  ],
  [
    `You are not authorized to perform this operation. User: ${SESSION} is not authorized to perform: ec2:StartInstances on resource: arn:aws:ec2:eu-west-1:111122223333:instance/i-1 because no identity-based policy allows the ec2:StartInstances action. Encoded authorization failure message: AbCd_`,
    {
      principal: SESSION,
      action: 'ec2:StartInstances',
      resource: 'arn:aws:ec2:eu-west-1:111122223333:instance/i-1',
      how: 'implicit',
      by: 'identity',
    },
  ],
  [
    `User: ${SESSION} is not authorized to perform: sqs:ListQueues on resource: *`,
    { principal: SESSION, action: 'sqs:ListQueues' },
  ],
  [
    `{"message":"User: ${SESSION} is not authorized to perform: sns:Publish on resource: arn:aws:sns:eu-west-1:111122223333:t"}`,
    { principal: SESSION, action: 'sns:Publish', resource: 'arn:aws:sns:eu-west-1:111122223333:t' },
  ],
  [
    `<Error><Code>AccessDenied</Code><Message>User: ${SESSION} is not authorized to perform: s3:GetObject on resource: &quot;${OBJECT}&quot; because no identity-based policy allows the s3:GetObject action</Message></Error>`,
    { principal: SESSION, action: 's3:GetObject', resource: OBJECT, how: 'implicit', by: 'identity' },
  ],
  [
    `2026-11-25 ERROR\n  User: ${SESSION}\n  is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::orders/with space.txt because no identity-based policy allows the s3:GetObject action`,
    {
      principal: SESSION,
      action: 's3:GetObject',
      resource: 'arn:aws:s3:::orders/with space.txt',
      how: 'implicit',
      by: 'identity',
    },
  ],
  [
    `User: ${SESSION} is not authorized to perform: kms:Decrypt on this resource with an explicit deny`,
    { principal: SESSION, action: 'kms:Decrypt', how: 'explicit' },
  ],
];

describe('a message of AWS', () => {
  it.each(MESSAGES)('is read: %s', (text, denial) => {
    expect(readBlame(text)).toEqual({ kind: 'denial', denial });
  });

  it.each([
    ['', 'empty'],
    ['An error occurred (AccessDenied) when calling the ListBuckets operation: Access Denied', 'who asked'],
    ['User: anonymous is not authorized to perform: es:ESHttpGet', '"anonymous"'],
    [`User: ${SESSION} is not authorized to perform: everything`, 'not an action'],
    ['hello', 'neither an ARN'],
    [`User: arn:aws:iam::1:user/x\u0007 is not authorized to perform: s3:GetObject`, 'not a role or user'],
  ])('that says too little is not guessed at: %s', (text, why) => {
    expect(readBlame(text)).toEqual({ kind: 'unreadable', why: expect.stringContaining(why) });
  });
});

describe('an ARN', () => {
  it.each([SESSION, 'arn:aws:iam::111122223333:role/team/orders-api', 'arn:aws:s3:::orders', OBJECT])(
    'is taken as it is: %s',
    (arn) => {
      expect(readBlame(` "${arn}"\n`)).toEqual({ kind: 'arn', arn });
    },
  );
});

it('answers any text, however long, without a failure', () => {
  const piece = fc.constantFrom(
    'User: ',
    SESSION,
    ' is not authorized to perform: ',
    's3:GetObject',
    '"',
    ' on resource: ',
    OBJECT,
    ' because no ',
    '\u0000',
    'arn:aws:',
    ':'.repeat(50),
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 60 }), (parts) => {
      const read = readBlame(parts.join(''));
      expect(['arn', 'denial', 'unreadable']).toContain(read.kind);
    }),
  );
  expect(readBlame('User: '.repeat(200_000)).kind).toBe('unreadable');
  expect(readBlame(`arn:aws:s3:::${'a'.repeat(MAX_BLAME_LENGTH)}`).kind).toBe('unreadable');
});
