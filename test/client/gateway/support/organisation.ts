import type { DraftRow, FindingRow, RequestRow } from '../../../../activities/ledger/port.js';
import type { ApprovalRequest, Person } from '../../../../domain/approval/request.js';
import type { Finding } from '../../../../domain/finding/finding.js';
import type { Draft, RiskScore } from '../../../../domain/proof/proof.js';

/** A Tuesday morning. */
export const NOW = Date.UTC(2026, 10, 24, 9, 0, 0);
export const HOUR = 3_600_000;

const berlin = { timeZone: 'Europe/Berlin', team: 'payments' };
export const ana: Person = {
  id: 'ana',
  name: 'Ana Sommer',
  email: 'ana@example.com',
  roles: ['owner'],
  ...berlin,
};
export const ben: Person = {
  id: 'ben',
  name: 'Ben Okafor',
  email: 'ben@example.com',
  roles: ['approver', 'security'],
  timeZone: 'America/New_York',
};
export const cleo: Person = {
  id: 'cleo',
  name: 'Cleo Duarte',
  email: 'cleo@example.com',
  roles: ['auditor'],
};
export const olga: Person = {
  id: 'olga',
  name: 'Olga Lind',
  email: 'olga@example.com',
  roles: ['operator', 'security'],
};
export const mallory: Person = {
  id: 'mallory',
  name: 'Mallory Quint',
  email: 'mallory@example.com',
  roles: ['owner'],
};
export const PEOPLE: readonly Person[] = [ana, ben, cleo, olga, mallory];

export const DIGEST = 'a3f1'.padEnd(64, '7');
export const ROLE = 'arn:aws:iam::123456789012:role/ProdLambdaExecutionRole';
export const WORKFLOW = 'finding/wiz/3f9a1c0de5b24c77a0b1c2d3e4f50617';
export const REQUEST_ID = `${WORKFLOW}#g1r1`;

export function risk(value: number, band: RiskScore['band']): RiskScore {
  return {
    value,
    band,
    weightsVersion: 'weights v1',
    parts: [
      { name: 'Privilege', factor: value * 0.5, why: 'Full access to three services, among them deletes.' },
      { name: 'Exposure', factor: value * 0.3, why: 'Runs in a function that is reachable through an API.' },
      { name: 'Data', factor: value * 0.2, why: 'Reaches a table with PII.email.' },
    ],
  };
}

export function finding(over: Partial<Finding> = {}): Finding {
  return {
    source: 'wiz',
    sourceId: 'w-1',
    canonicalKey: 'k',
    kind: 'excessive-permissions',
    title: 'ProdLambdaExecutionRole has far more permissions than it uses',
    severity: 'high',
    status: 'open',
    cloud: 'aws',
    account: '123456789012',
    subject: { type: 'identity', id: ROLE, name: 'ProdLambdaExecutionRole' },
    resources: [],
    evidence: {
      permissions: ['s3:*', 'dynamodb:*', 'sqs:*'],
      text: 'Role grants 412 actions, 3 used in 90 days.',
    },
    labels: ['PII.email'],
    tags: { env: 'prod', owner: 'ana@example.com' },
    ownerHints: [],
    compliance: [],
    consoleUrl: 'https://app.example.com/issues/w-1',
    ...over,
  };
}

export function findingRow(over: Partial<FindingRow> = {}): FindingRow {
  return {
    key: '3f9a1c0de5b24c77a0b1c2d3e4f50617',
    finding: finding(),
    fingerprint: 'f',
    generation: 1,
    sourceState: 'open',
    firstSeenMs: NOW - 30 * HOUR,
    lastSeenMs: NOW - HOUR,
    stage: 'awaiting-decision',
    workflowId: WORKFLOW,
    environment: 'production',
    owner: 'ana',
    phase: 'assist',
    risk: risk(82, 'high'),
    draftDigest: DIGEST,
    requestId: REQUEST_ID,
    waitingFor: 'payments',
    updatedMs: NOW - HOUR,
    ...over,
  };
}

export function approval(over: Partial<ApprovalRequest> = {}): ApprovalRequest {
  return {
    id: REQUEST_ID,
    workflowId: WORKFLOW,
    generation: 1,
    subject: 'change',
    digest: DIGEST,
    severity: 'high',
    draftedBy: 'engine',
    identity: ROLE,
    provedReduction: true,
    highPrivilege: false,
    approverIds: ['ana'],
    fallbackRole: 'approver',
    openedAtMs: NOW - 20 * HOUR,
    expiresAtMs: NOW + 148 * HOUR,
    ...over,
  };
}

export function requestRow(over: Partial<RequestRow> = {}): RequestRow {
  return {
    request: approval(),
    status: 'open',
    title: 'Reduce ProdLambdaExecutionRole to the 4 actions that it uses',
    summary:
      'Of 412 granted actions, 4 were used in 90 days. The draft keeps these and removes the rest; 18,204 observed requests still succeed.',
    findingKeys: ['3f9a1c0de5b24c77a0b1c2d3e4f50617'],
    riskScore: 82,
    environment: 'production',
    ticket: { id: 't1', number: 'CUR-17', url: '/tickets/t1' },
    notices: [{ rung: 'opened', to: ['ana'], deliveredAtMs: NOW - 20 * HOUR }],
    decisions: [],
    ...over,
  };
}

const BEFORE = {
  Version: '2012-10-17',
  Statement: [
    { Sid: 'Everything', Effect: 'Allow', Action: ['s3:*', 'dynamodb:*', 'sqs:*'], Resource: '*' },
    {
      Sid: 'Logs',
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: 'arn:aws:logs:us-east-1:123456789012:*',
    },
  ],
};
const AFTER = {
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'ReadInput',
      Effect: 'Allow',
      Action: ['s3:GetObject'],
      Resource: ['arn:aws:s3:::orders-input/*'],
    },
    {
      Sid: 'Orders',
      Effect: 'Allow',
      Action: ['dynamodb:GetItem', 'dynamodb:PutItem'],
      Resource: ['arn:aws:dynamodb:us-east-1:123456789012:table/orders'],
    },
    {
      Sid: 'Queue',
      Effect: 'Allow',
      Action: ['sqs:SendMessage'],
      Resource: ['arn:aws:sqs:us-east-1:123456789012:orders-out'],
    },
    {
      Sid: 'Logs',
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: 'arn:aws:logs:us-east-1:123456789012:*',
    },
  ],
};

export function draft(over: Partial<Draft> = {}): Draft {
  return {
    draftedBy: 'engine',
    changes: [
      {
        kind: 'inline-policy',
        target: { principal: ROLE, name: 'lambda-access' },
        before: BEFORE,
        after: AFTER,
      },
    ],
    proof: {
      verdict: 'partial',
      noNewAccess: [
        {
          of: ROLE,
          verdict: 'PASS',
          method: 'subset',
          reasonCode: 'SUBSET',
          reason:
            'Every statement of the new policy is contained in statement Everything or Logs of the old one.',
          assumptions: ['Session policies only narrow what is shown here.'],
          certificateDigest: 'c'.repeat(64),
        },
      ],
      usage: {
        fromIso: '2026-08-26T00:00:00Z',
        toIso: '2026-11-24T00:00:00Z',
        total: 20_011,
        replayed: 18_204,
        denied: 12,
        otherPrincipal: 1_700,
        service: 40,
        unmapped: 55,
        notAllowedBefore: 0,
        malformed: 0,
        newlyDenied: [],
      },
      guardrails: {
        allow: true,
        reasons: ['No never-touch identity, no change freeze, change is a reduction.'],
        policySet: 'curtail-default',
        digest: 'e'.repeat(64),
      },
      paths: {
        closed: [
          {
            from: 'ProdLambdaExecutionRole',
            to: 'AdminRole',
            technique: 'lambda-001',
            steps: ['iam:PassRole AdminRole', 'lambda:CreateFunction', 'lambda:InvokeFunction'],
          },
        ],
        opened: [],
        storesNoLongerReachable: [
          'arn:aws:s3:::customer-exports',
          'arn:aws:dynamodb:us-east-1:123456789012:table/customers',
        ],
        reachableBefore: 214,
        reachableAfter: 3,
      },
      workloads: [
        {
          arn: 'arn:aws:lambda:us-east-1:123456789012:function:data-processor',
          type: 'AWS::Lambda::Function',
          note: 'Reads orders-input, writes orders, sends to orders-out: all three stay allowed.',
        },
      ],
      blindSpots: [
        'S3 data events were logged for orders-input only; reads of other buckets would not show.',
      ],
      inputs: { policies: '1'.repeat(64), usage: '2'.repeat(64), account: '3'.repeat(64) },
      engine: 'curtail-engine 0.1.0',
      catalogue: 'iam-data 0.21.202609261',
    },
    justification: [
      {
        policy: 'lambda-access',
        statement: 'ReadInput',
        action: 's3:GetObject',
        why: 'Used 12,118 times by data-processor, last on 23 November.',
      },
      {
        policy: 'lambda-access',
        statement: 'Orders',
        action: 'dynamodb:PutItem',
        why: 'Used 5,902 times, last on 23 November.',
      },
      {
        policy: 'lambda-access',
        statement: 'Orders',
        action: 'dynamodb:GetItem',
        why: 'Used 160 times, last on 20 November.',
      },
      {
        policy: 'lambda-access',
        statement: 'Queue',
        action: 'sqs:SendMessage',
        why: 'Used 24 times, last on 18 November.',
      },
    ],
    removed: [
      { action: 's3:DeleteBucket', reason: 'Never used in 90 days.', reasonCode: 'UNUSED' },
      { action: 's3:PutObject', reason: 'Never used in 90 days.', reasonCode: 'UNUSED' },
      { action: 'dynamodb:DeleteTable', reason: 'Never used in 90 days.', reasonCode: 'UNUSED' },
      { action: 'dynamodb:Scan', reason: 'Never used in 90 days.', reasonCode: 'UNUSED' },
      { action: 'sqs:PurgeQueue', reason: 'Never used in 90 days.', reasonCode: 'UNUSED' },
    ],
    kept: [
      { action: 's3:GetObject', reason: 'Used.', reasonCode: 'USED' },
      { action: 'dynamodb:GetItem', reason: 'Used.', reasonCode: 'USED' },
      { action: 'dynamodb:PutItem', reason: 'Used.', reasonCode: 'USED' },
      { action: 'sqs:SendMessage', reason: 'Used.', reasonCode: 'USED' },
    ],
    usedHighRisk: [
      {
        action: 'dynamodb:PutItem',
        reason: 'Changes data in a table with PII.email, and is used daily.',
        reasonCode: 'USED_HIGH_RISK',
      },
    ],
    confidence: {
      value: 0.86,
      parts: [
        { name: 'Length of the window', value: 0.9, why: '90 days, across three month ends.' },
        { name: 'Coverage of the log', value: 0.72, why: 'Data events of one of two buckets.' },
        { name: 'Stability of use', value: 0.95, why: 'No new action in the last 60 days.' },
      ],
    },
    riskBefore: risk(82, 'high'),
    riskAfter: risk(21, 'low'),
    ...over,
  };
}

export function draftRow(over: Partial<DraftRow> = {}): DraftRow {
  const lambda = 'arn:aws:lambda:us-east-1:123456789012:function:data-processor';
  return {
    digest: DIGEST,
    workflowId: WORKFLOW,
    generation: 1,
    draft: draft(),
    context: {
      environment: 'production',
      account: '123456789012',
      accountName: 'payments-prod',
      businessUnit: 'Payments',
      department: 'Commerce',
      service: 'order-intake',
      criticality: 'high',
      facts: [
        { label: 'On call', value: 'payments-oncall', source: 'cmdb:svc-order-intake' },
        { label: 'Deployed by', value: 'terraform/payments', source: 'tag:managed-by' },
      ],
      dataLabels: ['PII.email', 'financial'],
      regulations: [
        {
          regulation: 'GDPR',
          citation: 'Article 32',
          text: 'Access to personal data is limited to what the processing needs.',
        },
      ],
      internalPolicies: ['SEC-14: Production roles are reviewed each quarter.'],
      owner: { personIds: ['ana'], team: 'payments', how: 'tag owner=ana@example.com', inferred: false },
      neverTouch: null,
      freeze: null,
      managedBy: { tool: 'terraform', evidence: 'tag managed-by=terraform' },
      workloads: [{ arn: lambda, type: 'AWS::Lambda::Function' }],
      tags: { env: 'prod' },
    },
    explanation: {
      summary:
        'The role that runs the order intake function may do anything in S3, DynamoDB and SQS. In 90 days it used four actions on three resources.',
      whyItMatters:
        'Whoever takes over the function could read every bucket and delete every table of the account, among them customer e-mail addresses.',
      whatChanges:
        'The one broad statement becomes three narrow ones, on the bucket, table and queue that the function works with.',
      whatStays: 'All 18,204 requests that were observed still succeed. Logging is untouched.',
      llmSessionId: 'llm_01JDX3P9',
      by: 'gpt-5-mini',
      dropped: 1,
    },
    blastRadius: {
      nodes: [
        { id: lambda, label: 'data-processor', kind: 'function', sensitive: false },
        { id: ROLE, label: 'ProdLambdaExecutionRole', kind: 'role', sensitive: false },
        { id: 'arn:aws:s3:::orders-input', label: 'orders-input', kind: 'bucket', sensitive: false },
        { id: 'arn:aws:s3:::customer-exports', label: 'customer-exports', kind: 'bucket', sensitive: true },
        { id: 'table/orders', label: 'orders', kind: 'table', sensitive: false },
        { id: 'table/customers', label: 'customers', kind: 'table', sensitive: true },
        { id: 'orders-out', label: 'orders-out', kind: 'queue', sensitive: false },
        { id: 'AdminRole', label: 'AdminRole', kind: 'role', sensitive: true },
      ],
      edges: [
        { from: lambda, to: ROLE, label: 'runs as', before: true, after: true },
        { from: ROLE, to: 'arn:aws:s3:::orders-input', label: 'read', before: true, after: true },
        {
          from: ROLE,
          to: 'arn:aws:s3:::customer-exports',
          label: 'read, delete',
          before: true,
          after: false,
        },
        { from: ROLE, to: 'table/orders', label: 'read, write', before: true, after: true },
        { from: ROLE, to: 'table/customers', label: 'read, delete', before: true, after: false },
        { from: ROLE, to: 'orders-out', label: 'send', before: true, after: true },
        { from: ROLE, to: 'AdminRole', label: 'pass role', before: true, after: false },
      ],
    },
    route: 'api',
    createdMs: NOW - 21 * HOUR,
    ...over,
  };
}
