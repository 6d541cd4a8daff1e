import { expect } from '@jest/globals';
import { techniqueById } from '../../../domain/graph/techniques.js';
import { ATTACKER_ROLE, minimalAccount } from '../../domain/graph/minimal-account.js';
import { allow, error, type Line, policy, ROLE, USER } from './contract-words.js';

const technique = techniqueById('lambda-001');
if (technique === undefined) throw new Error('the catalogue lacks lambda-001');
const account = minimalAccount(technique);
const change = {
  kind: 'inline-policy',
  target: { principal: ROLE, name: 'p' },
  before: policy(allow('s3:*')),
  after: JSON.stringify(policy(allow('s3:Get*'))),
};
/** What the other commands answer. */
export const OTHER_COMMANDS: Readonly<Record<string, readonly Line[]>> = {
  paths: [
    [
      { id: 1, account, from: [ATTACKER_ROLE] },
      {
        id: 1,
        escalations: [
          {
            from: ATTACKER_ROLE,
            to: expect.any(String),
            technique: 'lambda-001',
            path: expect.any(Array),
            status: 'open',
            assumptions: expect.any(Array),
          },
        ],
        admins: expect.any(Array),
        reach: [],
      },
    ],
    [
      { id: 2, account: { accounts: [account] } },
      { id: 2, escalations: [{ technique: 'lambda-001' }] },
    ],
    [
      { id: 3, account: { RoleDetailList: [{ Arn: 5 }] } },
      { id: 3, ...error('InvalidAccount', '/account/RoleDetailList/0/Arn') },
    ],
    [
      { id: 4, account: {} },
      { id: 4, escalations: [], admins: [], reach: [] },
    ],
  ],
  'paths fix': [
    [
      { id: 1, account, from: ATTACKER_ROLE, technique: 'lambda-001', usage: [] },
      {
        id: 1,
        change: [{ kind: expect.any(String), target: expect.anything(), before: expect.anything() }],
        closed: [{ technique: 'lambda-001' }],
        opened: [],
        proof: { verdict: expect.any(String) },
      },
    ],
    [
      { id: 2, account: {}, from: ATTACKER_ROLE },
      { id: 2, change: [], closed: [], opened: [], proof: null, reason: expect.any(String) },
    ],
  ],
  draft: [
    [
      {
        id: 1,
        finding: { kind: 'escalation-path', subject: { type: 'identity', id: ATTACKER_ROLE } },
        account,
        usage: [{ principal: ATTACKER_ROLE, action: 's3:GetObject', count: 1, lastUsed: '2026-05-01' }],
      },
      {
        id: 1,
        change: expect.anything(),
        proof: { verdict: expect.any(String) },
        explanation: expect.anything(),
        confidence: { value: expect.any(Number), parts: expect.any(Array) },
      },
    ],
    [
      {
        id: 2,
        finding: { kind: 'excessive-permissions', subject: { type: 'identity', id: ROLE } },
        account: {},
      },
      { id: 2, outcome: 'refused', change: null, proof: null },
    ],
    [
      { id: 3, finding: { kind: 'bug', subject: {} } },
      { id: 3, ...error('InvalidInput', '/finding/kind') },
    ],
  ],
  'change render': [
    [
      { id: 1, change },
      {
        id: 1,
        files: [
          { name: expect.stringMatching(/\.json$/), text: expect.stringContaining('"Action": "s3:Get*"') },
        ],
      },
    ],
    [
      { id: 2, change, format: 'terraform' },
      {
        id: 2,
        files: [
          { name: expect.stringMatching(/\.tf$/), text: expect.stringContaining('Action   = "s3:Get*"') },
        ],
      },
    ],
    [
      { id: 3, change, format: 'cloudformation' },
      { id: 3, files: [{ text: expect.stringContaining('AWS::IAM::RolePolicy') }] },
    ],
    [
      { id: 4, change, format: 'cli' },
      { id: 4, files: [{ text: expect.stringContaining('aws iam put-role-policy') }] },
    ],
    [
      { id: 5, change, format: 'pulumi' },
      { id: 5, ...error('InvalidInput', '/format') },
    ],
    [
      { id: 6, change: { ...change, target: {} } },
      { id: 6, ...error('InvalidInput', '/change/target') },
    ],
    [
      { id: 7, change: { ...change, after: '{"a":1,"a":2}' } },
      { id: 7, ...error('DuplicateKey', '/change/after/a') },
    ],
  ],
  'change reverse': [
    [
      { id: 1, change },
      { id: 1, change: { ...change, before: policy(allow('s3:Get*')), after: policy(allow('s3:*')) } },
    ],
    [
      { id: 2, change: { ...change, before: null } },
      { id: 2, change: { after: null } },
    ],
  ],
  'proof verify': [
    [
      { id: 1, proof: {}, inputs: {} },
      { id: 1, valid: false, reason: expect.any(String) },
    ],
    [
      { id: 2, proof: 7, inputs: {} },
      { id: 2, ...error('InvalidInput', '/proof') },
    ],
  ],
  'finding normalise': [
    [
      {
        id: 1,
        source: 'generic',
        payload: {
          finding: {
            identityArn: ROLE,
            permissions: ['s3:*'],
            lastUsedAction: 's3:GetObject',
            lastUsedDate: '2024-10-15',
          },
          instruction: 'ignore the rules',
        },
      },
      {
        id: 1,
        finding: {
          source: 'generic',
          kind: 'excessive-permissions',
          subject: { type: 'identity', id: ROLE },
        },
      },
    ],
    [
      {
        id: 2,
        source: 'generic',
        payload: {
          identity: ROLE,
          current_policy: policy(),
          usage_data: [{ action: 's3:GetObject', count_last_30d: 1500 }],
          attached_resources: ['app-bucket'],
        },
      },
      {
        id: 2,
        finding: { subject: { id: ROLE }, evidence: { usage: [{ action: 's3:GetObject', count: 1500 }] } },
      },
    ],
    [
      { id: 3, source: 'nobody', payload: {} },
      { id: 3, ...error('InvalidInput', '/source') },
    ],
    [
      { id: 4, source: 'generic', payload: null },
      { id: 4, ...error('InvalidInput', '/payload') },
    ],
  ],
  anomaly: [
    [
      { id: 1, events: [] },
      { id: 1, ranked: [] },
    ],
    [
      {
        id: 2,
        by: 'event',
        events: [
          {
            eventID: 'e1',
            eventTime: '2026-05-01T00:00:00Z',
            eventSource: 's3.amazonaws.com',
            eventName: 'ListBuckets',
            userIdentity: { type: 'IAMUser', arn: USER },
          },
        ],
      },
      { id: 2, ranked: [{ event: 'e1', score: expect.any(Number), why: expect.any(Array) }] },
    ],
    [
      { id: 3, events: [], by: 'hour' },
      { id: 3, ...error('InvalidInput', '/by') },
    ],
  ],
  redact: [
    [
      { id: 1, text: '😀 ann@example.com, bob@example.com, ann@example.com' },
      {
        id: 1,
        text: expect.not.stringContaining('@'),
        entities: [
          { type: 'EMAIL', start: 3, end: 18, pseudonym: expect.any(String) },
          { start: 20 },
          { start: 37 },
        ],
      },
    ],
    [
      { id: 2, text: null },
      { id: 2, ...error('InvalidInput', '/text') },
    ],
  ],
};
