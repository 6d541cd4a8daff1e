import { describe, expect, it } from '@jest/globals';
import { outcomeOf, readEvent } from '../../../domain/usage/events.js';
import { neverEdited, principalKey } from '../../../domain/usage/principal.js';
import { ROLE, record, sessionOf } from './records.js';

describe('whose event it is', () => {
  it.each<[string, unknown, string | undefined, boolean]>([
    ['a session belongs to its role', sessionOf(ROLE), ROLE, false],
    [
      'a user',
      { type: 'IAMUser', arn: 'arn:aws:iam::123456789012:user/ann' },
      'arn:aws:iam::123456789012:user/ann',
      false,
    ],
    [
      'root',
      { type: 'Root', arn: 'arn:aws:iam::123456789012:root' },
      'arn:aws:iam::123456789012:root',
      false,
    ],
    ['a service for itself', { type: 'AWSService', invokedBy: 'lambda.amazonaws.com' }, undefined, true],
    [
      'a service on the caller’s behalf',
      { ...sessionOf(ROLE), invokedBy: 'cloudformation.amazonaws.com' },
      ROLE,
      false,
    ],
    [
      'another account',
      { type: 'AWSAccount', principalId: 'AIDAX', accountId: '999999999999' },
      'AWSAccount:999999999999',
      false,
    ],
    [
      'nobody in particular',
      { type: 'AWSAccount', principalId: '', accountId: 'ANONYMOUS_PRINCIPAL' },
      'AWSAccount:ANONYMOUS_PRINCIPAL',
      false,
    ],
  ])('%s', (_, userIdentity, principal, service) => {
    const event = readEvent(record({ userIdentity }));
    expect(event?.principal).toBe(principal);
    expect(event?.service).toBe(service);
  });

  it.each([
    ['eu-west-1', 'arn:aws:s3:::data/in/a.csv'],
    ['cn-north-1', 'arn:aws-cn:s3:::data/in/a.csv'],
    ['us-gov-west-1', 'arn:aws-us-gov:s3:::data/in/a.csv'],
  ])('a caller without an ARN in %s asks for %s', (awsRegion, resource) => {
    const userIdentity = { type: 'AWSAccount', principalId: '', accountId: 'ANONYMOUS_PRINCIPAL' };
    expect(readEvent(record({ userIdentity, awsRegion }))?.pairs).toEqual([
      { action: 's3:GetObject', resource },
    ]);
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['a number', 7],
    ['a list', []],
    ['no source', record({ eventSource: undefined })],
    ['an empty name', record({ eventName: '' })],
    ['a number as name', record({ eventName: 3 })],
    ['no time', record({ eventTime: 'yesterday' })],
    ['no identity', record({ userIdentity: undefined })],
    ['an identity without anybody', record({ userIdentity: { type: 'IAMUser' } })],
  ])('%s is malformed', (_, value) => {
    expect(readEvent(value)).toBeUndefined();
  });

  it.each([
    ['AccessDenied', 'denied'],
    ['AccessDeniedException', 'denied'],
    ['Client.UnauthorizedOperation', 'denied'],
    ['com.amazon.coral#AccessDeniedException', 'denied'],
    ['Client.DryRunOperation', 'error'],
    ['NoSuchKey', 'error'],
    ['ThrottlingException', 'error'],
    ['', 'ok'],
    [undefined, 'ok'],
  ])('error code %s is %s', (code, outcome) => {
    expect(outcomeOf(code)).toBe(outcome);
  });
});

describe('principals', () => {
  it.each([
    [ROLE, '123456789012/role/App'],
    ['arn:aws:sts::123456789012:assumed-role/App/any-session', '123456789012/role/App'],
    ['arn:aws:iam::123456789012:user/team/ann', '123456789012/user/ann'],
    ['arn:aws:iam::123456789012:root', 'arn:aws:iam::123456789012:root'],
    ['AWSAccount:1', 'AWSAccount:1'],
  ])('%s is %s', (arn, key) => {
    expect(principalKey(arn)).toBe(key);
  });

  it.each([
    [
      'arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS',
      'service-linked',
    ],
    [
      'arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123',
      'sso-reserved',
    ],
    ['arn:aws:iam::123456789012:role/App', undefined],
  ])('%s is never edited: %s', (arn, reasonCode) => {
    expect(neverEdited(arn)?.reasonCode).toBe(reasonCode);
  });
});
