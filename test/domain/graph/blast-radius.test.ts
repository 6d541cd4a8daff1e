import { describe, expect, it } from '@jest/globals';
import { parseAccount } from '../../../domain/graph/account.js';
import { blastRadius, MAX_NODES } from '../../../domain/graph/blast-radius.js';
import { techniqueById } from '../../../domain/graph/techniques.js';
import { ATTACKER_ROLE, allow, minimalAccount, policy, TARGET_ROLE } from './minimal-account.js';

const technique = techniqueById('lambda-001');
if (technique === undefined) throw new Error('the catalogue lacks lambda-001');
const STORE = 'arn:aws:s3:::pii';
const resources = [{ arn: STORE, sensitivity: 'PII' }];
const before = parseAccount({ ...minimalAccount(technique), resources });
const after = parseAccount({ ...minimalAccount(technique, { without: ['iam:PassRole'] }), resources });

describe('blastRadius', () => {
  it('shows what a change cuts off an identity', () => {
    const { nodes, edges } = blastRadius(before, after, ATTACKER_ROLE);
    expect(nodes.map(({ id, kind, sensitive }) => [id, kind, sensitive])).toEqual([
      [ATTACKER_ROLE, 'role', false],
      [TARGET_ROLE, 'role', false],
      [STORE, 'resource', true],
    ]);
    expect(edges).toEqual([
      { from: ATTACKER_ROLE, to: TARGET_ROLE, label: 'lambda-001', before: true, after: false },
      { from: ATTACKER_ROLE, to: STORE, label: 'read-write', before: true, after: false },
    ]);
  });
  it('shows who gets to a store', () => {
    const closed = parseAccount({
      ...minimalAccount(technique, { targetPolicy: policy(allow('sqs:*')) }),
      resources: [{ arn: STORE, public: true }],
    });
    expect(blastRadius(before, closed, STORE).edges).toEqual([
      { from: TARGET_ROLE, to: STORE, label: 'read-write', before: true, after: false },
      { from: 'internet', to: STORE, label: 'public', before: false, after: true },
    ]);
  });
  it('never grows beyond what can be read', () => {
    const many = Array.from({ length: 200 }, (_, i) => ({
      arn: `arn:aws:s3:::pii-${i}`,
      sensitivity: 'PII',
    }));
    const crowded = parseAccount({ ...minimalAccount(technique), resources: many });
    const { nodes, edges } = blastRadius(crowded, crowded, ATTACKER_ROLE);
    expect(nodes).toHaveLength(MAX_NODES);
    const known = new Set(nodes.map(({ id }) => id));
    expect(edges.every(({ from, to }) => known.has(from) && known.has(to))).toBe(true);
  });
});
