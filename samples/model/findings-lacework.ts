import { daysBefore } from './clock.js';
import type { SampleFinding } from './finding.js';
import { arn, DEVELOPMENT, PRODUCTION } from './names.js';
import { STALE_KEY } from './others.js';

const role = (name: string): string => arn.role(PRODUCTION, name);

/** What Lacework found at Larkfield. */
export const LACEWORK: readonly SampleFinding[] = [
  {
    key: 'stale-key',
    source: 'lacework',
    id: '967301',
    account: DEVELOPMENT,
    severity: 'medium',
    title: 'Access key unused for 180 days or more',
    text: `The access key ${STALE_KEY} of the user svc-report-export was last used 200 days ago.`,
    subject: arn.user(DEVELOPMENT, 'svc-report-export'),
    lastUsed: daysBefore(200, 7),
    firstSeen: daysBefore(18, 6),
    check: { type: 'key-active', principal: arn.user(DEVELOPMENT, 'svc-report-export'), key: STALE_KEY },
  },
  {
    key: 'seasonal-use',
    source: 'lacework',
    id: '967305',
    account: PRODUCTION,
    severity: 'medium',
    title: 'IAM role with excessive permissions',
    text: 'OrderSyncRole has not used its SNS permissions for 90 days.',
    subject: role('OrderSyncRole'),
    granted: ['dynamodb:GetItem', 'dynamodb:Query', 'sns:Publish', 'sns:Subscribe', 'sns:DeleteTopic'],
    unused: ['sns:Publish', 'sns:Subscribe', 'sns:DeleteTopic'],
    lastUsed: daysBefore(1, 20),
    firstSeen: daysBefore(14, 6),
    check: {
      type: 'allows',
      principal: role('OrderSyncRole'),
      actions: ['sns:Publish', 'sns:Subscribe', 'sns:DeleteTopic'],
    },
  },
  {
    key: 'below-floor',
    source: 'lacework',
    id: '967311',
    account: DEVELOPMENT,
    severity: 'info',
    title: 'IAM role with unused permissions in a sandbox',
    text: 'dev-sandbox has not used its log permissions.',
    subject: arn.role(DEVELOPMENT, 'dev-sandbox'),
    granted: ['logs:*', 's3:ListAllMyBuckets'],
    unused: ['logs:DeleteLogGroup'],
    lastUsed: daysBefore(3, 11),
    firstSeen: daysBefore(50, 6),
    check: {
      type: 'allows',
      principal: arn.role(DEVELOPMENT, 'dev-sandbox'),
      actions: ['logs:DeleteLogGroup'],
    },
  },
];
