import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decideDocuments } from '../../../domain/iam/evaluate.js';
import { parsePolicy } from '../../../domain/iam/parse.js';
import { checkSubset } from '../../../domain/iam/subset/check.js';
import type { Json } from '../../../domain/json.js';
import { inline, ROLE, size } from './support.js';

const ACTIONS = [
  's3:GetObject',
  's3:PutObject',
  's3:ListBucket',
  's3:DeleteObject',
  'sqs:SendMessage',
  'ec2:StopInstances',
  'iam:PassRole',
  'dynamodb:Query',
];
const PATTERNS = [...ACTIONS, 's3:*', 's3:Get*', '*', 'sqs:*', '*:*Object'];
const RESOURCES = [
  'arn:aws:s3:::b',
  'arn:aws:s3:::b/in/1',
  'arn:aws:s3:::b/in/2',
  'arn:aws:s3:::c/x',
  'arn:aws:sqs:eu-west-1:123456789012:q',
  'arn:aws:dynamodb:eu-west-1:123456789012:table/t',
];
const RESOURCE_PATTERNS = [...RESOURCES, '*', 'arn:aws:s3:::*', 'arn:aws:s3:::b/*', 'arn:aws:sqs:*:*:*'];
const CONDITIONS: (Json | undefined)[] = [
  undefined,
  undefined,
  { Bool: { 'aws:SecureTransport': 'true' } },
  { StringEquals: { 'aws:RequestedRegion': ['eu-west-1'] } },
];

const statement = fc
  .record({
    effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny'),
    action: fc.constantFrom('Action', 'Action', 'Action', 'NotAction'),
    patterns: fc.uniqueArray(fc.constantFrom(...PATTERNS), { minLength: 1, maxLength: 4 }),
    resource: fc.constantFrom('Resource', 'Resource', 'Resource', 'NotResource'),
    resources: fc.uniqueArray(fc.constantFrom(...RESOURCE_PATTERNS), { minLength: 1, maxLength: 3 }),
    condition: fc.constantFrom(...CONDITIONS),
  })
  .map(
    ({ effect, action, patterns, resource, resources, condition }): Json => ({
      Effect: effect,
      [action]: patterns,
      [resource]: resources,
      ...(condition === undefined ? {} : { Condition: condition }),
    }),
  );

const usage = fc.array(
  fc.record(
    {
      action: fc.constantFrom(...ACTIONS),
      resource: fc.option(fc.constantFrom(...RESOURCES), { nil: undefined }),
      count: fc.integer({ min: 1, max: 50 }),
      lastUsed: fc.constantFrom('2026-02-01', '2026-06-01'),
      outcome: fc.constantFrom('ok', 'ok', 'error', 'denied'),
    },
    { requiredKeys: ['action', 'count', 'lastUsed', 'outcome'] },
  ),
  { maxLength: 8 },
);

const CONTEXT = { 'aws:SecureTransport': 'true', 'aws:RequestedRegion': 'eu-west-1' };

describe('right-sizing', () => {
  it('never allows anything new, never loses a used request, and accounts for every call', () => {
    fc.assert(
      fc.property(
        fc.array(statement, { minLength: 1, maxLength: 3 }),
        usage,
        fc.constantFrom('leave' as const, 'exact' as const, 'prefix' as const),
        fc.constantFrom([], ['s3'], 'all' as const),
        (statements, rows, resources, data) => {
          const document: Json = { Version: '2012-10-17', Statement: statements };
          const result = size([inline(document)], rows, { resources, logging: { management: true, data } });
          const before = parsePolicy(document, 'identity');
          const after = parsePolicy(result.policies[0]?.document, 'identity');
          const subset = checkSubset({
            reference: [before],
            candidate: [after],
            policyType: 'identity',
            now: () => performance.now(),
          });
          expect(subset.verdict).toBe('PASS');
          for (const { action, resource = '*', outcome } of rows) {
            if (outcome === 'denied') continue;
            const request = { principal: ROLE, action, resource, context: CONTEXT };
            const was = decideDocuments(request, [before], 'identity').decision;
            const is = decideDocuments(request, [after], 'identity').decision;
            if (was === 'Allowed') expect(is).toBe('Allowed');
          }
          const u = result.proof.usage;
          expect(u?.newlyDenied).toEqual([]);
          const parts =
            (u?.replayed ?? 0) +
            (u?.denied ?? 0) +
            (u?.otherPrincipal ?? 0) +
            (u?.service ?? 0) +
            (u?.unmapped ?? 0) +
            (u?.notAllowedBefore ?? 0) +
            (u?.malformed ?? 0);
          expect(parts).toBe(u?.total);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('is done after one pass: right-sizing the result changes nothing more', () => {
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 3 }), usage, (statements, rows) => {
        const once = size([inline({ Version: '2012-10-17', Statement: statements })], rows).policies;
        expect(size(once, rows).policies).toEqual(once);
      }),
      { numRuns: 8 },
    );
  });
});
