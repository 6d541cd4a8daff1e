import { daysBefore } from './clock.js';
import type { SampleFinding } from './finding.js';
import { arn, DEVELOPMENT, PRODUCTION, WEB_ROLES } from './names.js';
import { DEV_RECORDS } from './others.js';

const role = (name: string): string => arn.role(PRODUCTION, name);
const WEB_UNUSED = [
  's3:DeleteBucket',
  's3:PutBucketPolicy',
  'sqs:DeleteQueue',
  'dynamodb:DeleteTable',
  'dynamodb:Scan',
];

/** What Orca found at Larkfield. */
export const ORCA: readonly SampleFinding[] = [
  ...WEB_ROLES.map(
    (name, index): SampleFinding => ({
      key: `shared-policy-${index + 1}`,
      source: 'orca',
      id: `orca-4400${index + 1}`,
      account: PRODUCTION,
      severity: 'high',
      title: 'Role with unused services',
      text: `The role ${name} is granted services by SharedWebTierPolicy that it has not used for 90 days.`,
      subject: role(name),
      granted: [
        'ec2:Describe*',
        's3:*',
        'sqs:*',
        'dynamodb:*',
        'ssm:GetParameter',
        'cloudwatch:PutMetricData',
      ],
      unused: WEB_UNUSED,
      lastUsed: daysBefore(1, 23),
      firstSeen: daysBefore(60, 6),
      check: { type: 'allows', principal: role(name), actions: WEB_UNUSED },
    }),
  ),
  {
    key: 'unencrypted-records',
    source: 'orca',
    id: 'orca-44020',
    account: DEVELOPMENT,
    severity: 'high',
    title: 'S3 bucket with health records is not encrypted with a customer key',
    text: 'PHI was found in a bucket without default encryption.',
    subject: arn.bucket(DEV_RECORDS),
    firstSeen: daysBefore(20, 6),
    check: { type: 'unencrypted', resource: arn.bucket(DEV_RECORDS) },
  },
  {
    key: 'unlogged-records',
    source: 'orca',
    id: 'orca-44021',
    account: DEVELOPMENT,
    severity: 'medium',
    title: 'S3 bucket with health records has no access log',
    text: 'PHI was found in a bucket whose server access logging is off.',
    subject: arn.bucket(DEV_RECORDS),
    firstSeen: daysBefore(20, 6),
    check: { type: 'unlogged', resource: arn.bucket(DEV_RECORDS) },
  },
  {
    key: 'terraform-role',
    source: 'orca',
    id: 'orca-44030',
    account: PRODUCTION,
    severity: 'medium',
    title: 'Role with unused services',
    text: 'reporting-etl may delete invoices and change the bucket policy and has done neither for 90 days.',
    subject: role('reporting-etl'),
    granted: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:PutBucketPolicy'],
    unused: ['s3:DeleteObject', 's3:PutBucketPolicy'],
    lastUsed: daysBefore(1, 4),
    firstSeen: daysBefore(33, 6),
    check: {
      type: 'allows',
      principal: role('reporting-etl'),
      actions: ['s3:DeleteObject', 's3:PutBucketPolicy'],
    },
  },
  {
    key: 'break-glass',
    source: 'orca',
    id: 'orca-44040',
    account: PRODUCTION,
    severity: 'high',
    title: 'IAM role with administrator privileges',
    text: 'BreakGlassAdministrator has AdministratorAccess and was last used 210 days ago.',
    subject: role('BreakGlassAdministrator'),
    granted: ['*'],
    lastUsed: daysBefore(210, 10),
    firstSeen: daysBefore(300, 6),
    check: { type: 'always' },
  },
];
