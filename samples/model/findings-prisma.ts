import { daysBefore } from './clock.js';
import type { SampleFinding } from './finding.js';
import { arn, PAYMENTS, PRODUCTION } from './names.js';

const role = (name: string): string => arn.role(PRODUCTION, name);

/** What Prisma Cloud found at Larkfield. */
export const PRISMA: readonly SampleFinding[] = [
  {
    key: 'ecs-terminate',
    source: 'prisma',
    id: 'I-20417',
    account: PRODUCTION,
    severity: 'high',
    title: 'AWS ECS task role with unused permission to terminate instances',
    text: 'The task role can stop and terminate any EC2 instance and has not done so in the tracking period.',
    subject: role('ecs-app-role'),
    granted: ['s3:GetObject', 's3:PutObject', 'ec2:TerminateInstances', 'ec2:StopInstances'],
    unused: ['ec2:TerminateInstances', 'ec2:StopInstances'],
    lastUsed: daysBefore(1),
    firstSeen: daysBefore(25, 6),
    check: { type: 'allows', principal: role('ecs-app-role'), actions: ['ec2:TerminateInstances'] },
  },
  {
    key: 'false-alarm',
    source: 'prisma',
    id: 'I-20455',
    account: PRODUCTION,
    severity: 'medium',
    title: 'AWS IAM role with permissions unused for 30 days',
    text: 'sns:Publish was not accessed in the tracking period of 30 days.',
    subject: role('MonthEndClosingRole'),
    granted: ['dynamodb:Query', 'sns:Publish'],
    unused: ['sns:Publish'],
    lastUsed: daysBefore(1),
    firstSeen: daysBefore(5, 6),
    check: { type: 'allows', principal: role('MonthEndClosingRole'), actions: ['sns:Publish'] },
  },
  {
    key: 'public-database',
    source: 'prisma',
    id: 'P-88120',
    account: PAYMENTS,
    severity: 'critical',
    title: 'AWS RDS database instance is publicly accessible',
    text: 'The instance payments-ledger has a public address.',
    subject: arn.regional('rds', PAYMENTS, 'db:payments-ledger'),
    firstSeen: daysBefore(15, 6),
    check: { type: 'public', resource: arn.regional('rds', PAYMENTS, 'db:payments-ledger') },
  },
];
