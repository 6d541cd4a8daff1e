import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readAccess } from '../../../domain/blame/reading.js';
import { parseAccount } from '../../../domain/graph/account.js';
import { evaluate } from '../../../domain/iam/evaluate.js';
import { parsePolicy } from '../../../domain/iam/parse.js';

/** A policy variable, which no message of a denial tells. */
const TEAM = ['$', '{aws:PrincipalTag/team}'].join('');
const ROLE = 'arn:aws:iam::111122223333:role/orders-api';

const condition = fc.constantFrom(
  undefined,
  { StringEquals: { 'aws:SourceVpce': 'vpce-1' } },
  { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } },
  { StringEquals: { 'aws:PrincipalArn': ROLE } },
  { Bool: { 'aws:SecureTransport': 'false' } },
  { StringLike: { 's3:prefix': TEAM } },
);
const statement = fc.record({
  Effect: fc.constantFrom('Allow', 'Allow', 'Deny'),
  action: fc.constantFrom({ Action: 's3:*' }, { Action: 's3:GetObject' }, { NotAction: 's3:Put*' }),
  resource: fc.constantFrom(
    { Resource: '*' },
    { Resource: 'arn:aws:s3:::orders/*' },
    { Resource: `arn:aws:s3:::${TEAM}/*` },
    { NotResource: `arn:aws:s3:::${TEAM}/*` },
    { NotResource: 'arn:aws:s3:::other/*' },
  ),
  condition,
});
const statements = fc.array(statement, { minLength: 1, maxLength: 4 }).map((list) =>
  list.map(({ Effect, action, resource, condition: Condition }) => ({
    Effect,
    ...action,
    ...resource,
    ...(Condition !== undefined && { Condition }),
  })),
);
const context = fc.record({
  'aws:SourceVpce': fc.constantFrom(null, 'vpce-1', 'vpce-2'),
  'aws:PrincipalTag/team': fc.constantFrom(null, 'orders', 'other'),
  's3:prefix': fc.constantFrom(null, 'orders'),
});

/** What is called certain must be what the evaluator says, whatever the message did not tell. */
it.each([true, false])('never contradicts the evaluator (resource named: %s)', (isNamed) => {
  fc.assert(
    fc.property(
      statements,
      context,
      fc.constantFrom('arn:aws:s3:::orders/a', 'arn:aws:s3:::other/a'),
      (Statement, given, resource) => {
        const document = { Version: '2012-10-17', Statement };
        const account = parseAccount({
          RoleDetailList: [
            {
              Arn: ROLE,
              RoleName: 'orders-api',
              RolePolicyList: [{ PolicyName: 'p', PolicyDocument: document }],
            },
          ],
        });
        const denial = { principal: ROLE, action: 's3:GetObject', ...(isNamed && { resource }) };
        const { decision, dependsOn } = readAccess(account, denial);
        const told = evaluate(
          {
            principal: ROLE,
            action: 's3:GetObject',
            resource,
            context: { 'aws:SecureTransport': 'true', ...given },
          },
          { identity: [parsePolicy(document, 'identity')] },
        ).decision;
        if (decision === 'allowed') expect(told).toBe('Allowed');
        if (decision === 'denied') expect(told).not.toBe('Allowed');
        if (decision === 'depends') expect(dependsOn.length).toBeGreaterThan(0);
      },
    ),
    { numRuns: 1_000 },
  );
});
