import { describe, expect, it } from '@jest/globals';
import { parseAccount } from '../../../domain/graph/account.js';
import { findPaths } from '../../../domain/graph/paths.js';
import type { Technique } from '../../../domain/graph/technique.js';
import { TECHNIQUES } from '../../../domain/graph/techniques.js';
import type { Json } from '../../../domain/json.js';
import {
  ACCOUNT_ID,
  allow,
  attackerOf,
  deny,
  goalOf,
  minimalAccount,
  policy,
  TARGET_ROLE,
  type Variation,
} from './minimal-account.js';

function statusOf(technique: Technique, variation: Variation = {}): string | undefined {
  const answer = findPaths(parseAccount(minimalAccount(technique, variation)), {
    from: [attackerOf(technique)],
  });
  return answer.escalations.find((each) => each.technique === technique.id)?.status;
}

const CASES = TECHNIQUES.map((technique) => [technique.id, technique] as const);
const PASSING = CASES.filter(([, { target }]) => target === 'passed-role');
const WORKLOADS = CASES.filter(([, { target }]) => target === 'workload');
const FULL: Json = policy(allow('*'));

describe('the catalogue', () => {
  it('has 65 techniques, by category', () => {
    const count = (category: string): number =>
      TECHNIQUES.filter((each) => each.category === category).length;
    expect(TECHNIQUES).toHaveLength(65);
    expect(['existing-passrole', 'new-passrole', 'principal-access', 'self-escalation'].map(count)).toEqual([
      16, 27, 14, 8,
    ]);
  });
});

describe('each technique', () => {
  it.each(CASES)(
    '%s is open where all that it needs is there, and ends where it should',
    (_id, technique) => {
      const answer = findPaths(parseAccount(minimalAccount(technique)), { from: [attackerOf(technique)] });
      const found = answer.escalations.find((each) => each.technique === technique.id);
      expect(found).toMatchObject({
        from: attackerOf(technique),
        to: goalOf(technique),
        status: 'open',
        gain: 'administrator',
      });
      expect(found?.path.map(({ permission }) => permission)).toEqual(
        technique.needs.map(({ action }) => action),
      );
    },
  );
  it.each(CASES)('%s is not open without any one of its permissions', (_id, technique) => {
    for (const { action } of technique.needs)
      expect(statusOf(technique, { without: [action] })).not.toBe('open');
  });
  it.each(CASES)('%s is not open when any one of its permissions is denied', (_id, technique) => {
    for (const { action } of technique.needs)
      expect(statusOf(technique, { extra: [deny(action)] })).toBeUndefined();
  });
  it.each(CASES)('%s is not open when an SCP denies it, at whatever level', (_id, technique) => {
    const action = technique.needs.at(-1)?.action ?? '';
    expect(statusOf(technique, { scps: [[FULL], [FULL]] })).toBe('open');
    expect(statusOf(technique, { scps: [[FULL, policy(deny(action))], [FULL]] })).toBeUndefined();
    expect(statusOf(technique, { scps: [[FULL], []] })).toBeUndefined();
  });
  it.each(CASES)('%s is not open beyond a boundary', (_id, technique) => {
    expect(statusOf(technique, { boundary: FULL })).toBe('open');
    expect(statusOf(technique, { boundary: policy(allow('s3:*')) })).toBeUndefined();
  });
  it.each(CASES)('%s is not open through a policy that is attached to nobody', (_id, technique) => {
    if (technique.target !== 'own-policy') expect(statusOf(technique, { detached: true })).toBeUndefined();
  });
  it.each(CASES)('%s is not open on an unrelated resource', (_id, technique) => {
    const unrelated = [
      `arn:aws:iam::${ACCOUNT_ID}:role/unrelated`,
      'arn:aws:sqs:eu-west-1:999999999999:unrelated',
    ];
    expect(statusOf(technique, { resource: unrelated })).toBeUndefined();
  });
  it.each(CASES)('%s under MFA is protected, and says so', (_id, technique) => {
    const condition = { Bool: { 'aws:MultiFactorAuthPresent': 'true' } };
    const answer = findPaths(parseAccount(minimalAccount(technique, { condition })), {
      from: [attackerOf(technique)],
    });
    const found = answer.escalations.find((each) => each.technique === technique.id);
    expect(found?.status).toBe('latent');
    expect(found?.assumptions.join(' ')).toContain('aws:MultiFactorAuthPresent');
  });
  it.each(CASES)('%s under a condition that the caller decides is open', (_id, technique) => {
    const condition = {
      StringEquals: { 'aws:RequestedRegion': 'eu-central-1' },
      StringLike: { 'aws:UserAgent': 'deploy*' },
    };
    expect(statusOf(technique, { condition })).toBe('open');
  });
});

describe('passing a role', () => {
  it.each(PASSING)('%s needs a role that trusts the service', (_id, technique) => {
    expect(statusOf(technique, { trusts: 'states.amazonaws.com' })).toBeUndefined();
  });
  it.each(PASSING)('%s needs iam:PassedToService to be the service', (_id, technique) => {
    const passed = (service: string): Json => ({ StringEquals: { 'iam:PassedToService': service } });
    const others = technique.needs.map(({ action }) => action).filter((action) => action !== 'iam:PassRole');
    const grant = (service: string): Variation => ({
      without: ['iam:PassRole', ...others],
      extra: [allow(others), allow('iam:PassRole', TARGET_ROLE, passed(service))],
    });
    expect(
      statusOf(technique, { ...grant(technique.services?.[0] ?? ''), resource: 'arn:aws:s3:::none' }),
    ).toBe('open');
    expect(
      statusOf(technique, { ...grant('states.amazonaws.com'), resource: 'arn:aws:s3:::none' }),
    ).toBeUndefined();
  });
  it.each(PASSING)('%s to a role that can do nothing more is no escalation', (_id, technique) => {
    const actions = technique.needs.map(({ action }) => action);
    expect(statusOf(technique, { targetPolicy: policy(allow(actions)) })).toBeUndefined();
    expect(
      statusOf(technique, { targetPolicy: policy(allow(['logs:PutLogEvents', 'logs:CreateLogStream'])) }),
    ).toBeUndefined();
  });
});

describe('taking over a workload', () => {
  it.each(WORKLOADS)('%s is latent without the workload', (_id, technique) => {
    expect(statusOf(technique, { noWorkload: true })).toBe('latent');
  });
  it.each(WORKLOADS)('%s is latent when the workload’s role is no better', (_id, technique) => {
    expect(statusOf(technique, { targetPolicy: policy(allow('logs:PutLogEvents')) })).toBe('latent');
  });
});
