import { expect } from '@jest/globals';
import { ALL, allow, error, type Line, policy, ROLE, USER } from './contract-words.js';

const request = { principal: USER, action: 's3:GetObject', resource: 'arn:aws:s3:::b/k', context: {} };
const asked = (more: object) => ({ ...request, ...more });
const rightsizing = {
  principal: ROLE,
  policies: [{ name: 'p', managed: 'inline', document: JSON.stringify(policy(allow(['sqs:*', 's3:*']))) }],
  usage: [
    { action: 'sqs:ListQueues', count: 3, lastUsed: '2026-05-01', outcome: 'ok' },
    {
      action: { eventSource: 's3.amazonaws.com', eventName: 'ListBuckets' },
      count: 1,
      lastUsed: '2026-05-01',
      outcome: 'ok',
    },
  ],
  window: { from: '2026-01-01', to: '2026-06-30' },
  options: { resources: 'leave', logging: { management: true, data: 'all' }, keepDependent: true },
};

/** What the commands about policies answer. */
export const POLICY_COMMANDS: Readonly<Record<string, readonly Line[]>> = {
  'policy check': [
    [
      {
        id: 1,
        policyType: 'identity',
        reference: JSON.stringify(policy(allow('s3:*'))),
        candidate: [policy(allow('s3:Get*'))],
      },
      {
        id: 1,
        verdict: 'PASS',
        reasonCode: expect.any(String),
        reason: expect.any(String),
        assumptions: [],
        ms: expect.any(Number),
        certificate: {},
      },
    ],
    [
      {
        id: 2,
        policyType: 'identity',
        reference: policy(allow('s3:Get*')),
        candidate: policy(allow('s3:*')),
        resourceAccount: null,
        options: null,
      },
      {
        id: 2,
        verdict: 'FAIL',
        witness: {
          principal: expect.any(String),
          action: expect.stringMatching(/^s3:/),
          resource: expect.any(String),
          context: {},
          hypothetical: false,
        },
      },
    ],
    [
      { id: 3, policyType: 'identity', reference: [], candidate: [] },
      { id: 3, verdict: 'PASS' },
    ],
    [
      { id: 4, policyType: 'role', reference: [], candidate: [] },
      { id: 4, ...error('InvalidInput', '/policyType') },
    ],
    [
      {
        id: 5,
        policyType: 'identity',
        reference: [],
        candidate: [policy(allow('s3:*', '*', { Condition: { Like: {} } }))],
      },
      { id: 5, ...error('UnknownOperator', '/candidate/0/Statement/0/Condition/Like') },
    ],
    [{ define: 'all', policies: ALL }, { defined: 'all' }],
    [
      { id: 6, use: 'all', policyType: 'identity', candidate: policy(allow('ec2:*')) },
      { id: 6, verdict: 'PASS' },
    ],
    [
      {
        id: 7,
        policyType: 'resource',
        reference: policy(),
        candidate: policy(allow('s3:*', '*', { Principal: { CanonicalUser: 'c'.repeat(64) } })),
      },
      { id: 7, verdict: 'FAIL', witness: { principal: { type: 'CanonicalUser', id: 'c'.repeat(64) } } },
    ],
  ],
  'policy evaluate': [
    [
      { id: 1, request, policies: { identity: [JSON.stringify(ALL)] } },
      {
        id: 1,
        decision: 'Allowed',
        by: [{ policyType: 'identity', policy: 0, statement: 0, effect: 'Allow' }],
      },
    ],
    [
      { id: 2, request, policies: { identity: [] } },
      { id: 2, decision: 'ImplicitlyDenied', by: [] },
    ],
    [
      { id: 3, request, policies: { identity: [ALL], scps: [[ALL], []] } },
      { id: 3, decision: 'ImplicitlyDenied' },
    ],
    [
      { id: 4, request, policies: { identity: [ALL], rcps: [[]] } },
      { id: 4, decision: 'Allowed' },
    ],
    [
      { id: 5, request, policies: { identity: [ALL] } },
      { id: 5, decision: 'Allowed' },
    ],
    [
      { id: 6, request: asked({ resource: 'arn:aws:s3:::b/*' }), policies: { identity: [ALL] } },
      { id: 6, ...error('WildcardRequest', '/request/resource') },
    ],
    [
      {
        id: 7,
        request: asked({ resource: 'arn:aws:s3:::b/*', resourcePattern: true }),
        policies: { identity: [policy(allow('s3:GetObject', 'arn:aws:s3:::b/x'))] },
      },
      { id: 7, decision: 'Allowed' },
    ],
    [
      {
        id: 8,
        request: asked({ action: 's3:ListAllMyBuckets', resource: '*' }),
        policies: { identity: [policy(allow('s3:List*'))] },
      },
      { id: 8, decision: 'Allowed' },
    ],
    [
      {
        id: 9,
        request: asked({ context: { 'aws:username': null } }),
        policies: {
          identity: [policy(allow('*', '*', { Condition: { Null: { 'aws:username': 'true' } } }))],
        },
      },
      { id: 9, decision: 'Allowed' },
    ],
    [
      {
        id: 10,
        request: asked({ context: { 'AWS:sourceIP': '10.1.2.3' } }),
        policies: {
          identity: [policy(allow('*', '*', { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }))],
        },
      },
      { id: 10, decision: 'Allowed' },
    ],
    [
      {
        id: 11,
        request: asked({ principal: { type: 'Anonymous' } }),
        policies: {
          identity: [],
          resource: policy(allow('s3:GetObject', 'arn:aws:s3:::b/*', { Principal: '*' })),
        },
      },
      { id: 11, decision: 'Allowed', by: [{ policyType: 'resource' }] },
    ],
    [{ define: 'set', policies: { identity: [ALL] } }, { defined: 'set' }],
    [
      { id: 12, use: 'set', request },
      { id: 12, decision: 'Allowed' },
    ],
    [
      {
        id: 13,
        request: asked({ principalInManagementAccount: true }),
        policies: { identity: [ALL], scps: [[]] },
      },
      { id: 13, decision: 'Allowed' },
    ],
    [
      {
        id: 14,
        request: asked({ principalIsServiceLinked: true }),
        policies: { identity: [ALL], scps: [[]] },
      },
      { id: 14, decision: 'Allowed' },
    ],
    [
      {
        id: 15,
        request,
        policies: { identity: [ALL, policy({ ...allow('s3:*'), Sid: 'No', Effect: 'Deny' })] },
      },
      {
        id: 15,
        decision: 'ExplicitlyDenied',
        by: [{ policyType: 'identity', policy: 1, statement: 0, sid: 'No', effect: 'Deny' }],
      },
    ],
  ],
  'policy expand': [
    [
      { id: 1, actions: ['S3:getobject', 'nope:*'] },
      { id: 1, actions: ['s3:GetObject'], unmatched: ['nope:*'] },
    ],
    [
      { id: 2, actions: ['sts:*Token', 'sts:GetCallerIdentity'], notActions: ['sts:GetS*'] },
      {
        id: 2,
        actions: [
          'sts:GetCallerIdentity',
          'sts:GetDelegatedAccessToken',
          'sts:GetFederationToken',
          'sts:GetWebIdentityToken',
          'sts:TagGetWebIdentityToken',
        ],
      },
    ],
    [
      { id: 3, actions: [5] },
      { id: 3, ...error('InvalidInput', '/actions') },
    ],
  ],
  'policy rightsize': [
    [
      { id: 1, ...rightsizing },
      {
        id: 1,
        policies: [
          {
            name: 'p',
            managed: 'inline',
            document: policy(allow(['sqs:ListQueues', 's3:ListAllMyBuckets'])),
          },
        ],
        removed: expect.arrayContaining([
          expect.objectContaining({
            action: 's3:PutObject',
            reason: expect.any(String),
            reasonCode: 'unused',
          }),
        ]),
        kept: expect.arrayContaining([
          expect.objectContaining({
            action: 'sqs:ListQueues',
            reason: expect.any(String),
            reasonCode: expect.any(String),
          }),
        ]),
        justification: expect.arrayContaining([
          { policy: 'p', statement: '#0', action: 'sqs:ListQueues', why: expect.any(String) },
        ]),
        blindSpots: [],
        proof: {
          noNewAccess: [{ of: ROLE, verdict: 'PASS' }],
          usage: {
            total: 4,
            replayed: 4,
            denied: 0,
            otherPrincipal: 0,
            service: 0,
            unmapped: 0,
            notAllowedBefore: 0,
            malformed: 0,
            newlyDenied: [],
          },
          digests: {
            policies: expect.stringMatching(/^[0-9a-f]{64}$/),
            usage: expect.stringMatching(/^[0-9a-f]{64}$/),
          },
          engine: expect.any(String),
          catalogue: expect.any(String),
        },
      },
    ],
    [
      { id: 2, ...rightsizing, window: { from: 'May', to: 'June' } },
      { id: 2, ...error('InvalidInput', '/window/from') },
    ],
    [
      { id: 3, ...rightsizing, policies: [{ name: 'p', document: 7 }] },
      { id: 3, ...error('NotAPolicy', '/policies/0/document') },
    ],
    [{ define: 'own', policies: rightsizing.policies }, { defined: 'own' }],
    [
      { id: 4, ...rightsizing, policies: undefined, use: 'own' },
      { id: 4, policies: [{ name: 'p' }] },
    ],
  ],
};
