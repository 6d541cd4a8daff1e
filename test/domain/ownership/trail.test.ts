import { describe, expect, it } from '@jest/globals';
import { administratorsOf } from '../../../domain/ownership/trail.js';

const ARN = 'arn:aws:iam::111122223333:role/orders';
const session = (name: string) => ({
  type: 'AssumedRole',
  arn: `arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_1a/${name}`,
});
const event = (more: Record<string, unknown>) => ({
  eventName: 'PutRolePolicy',
  eventTime: '2026-11-01T10:00:00Z',
  readOnly: false,
  managementEvent: true,
  requestParameters: { roleName: 'orders' },
  userIdentity: session('ada@acme.test'),
  ...more,
});
const names = (events: readonly unknown[]) =>
  administratorsOf(events, { arn: ARN, name: 'orders' }).map(({ name, did }) => `${did} ${name}`);

describe('administrators in a log', () => {
  it('are the creator first, then whoever changed it, the latest first', () => {
    const events = [
      event({ userIdentity: session('old@acme.test'), eventTime: '2026-10-02T10:00:00Z' }),
      event({ userIdentity: session('new@acme.test') }),
      event({
        eventName: 'CreateRole',
        userIdentity: { type: 'IAMUser', userName: 'bob' },
        eventTime: '2026-10-01T10:00:00Z',
      }),
    ];
    expect(names(events)).toEqual(['created bob', 'changed new@acme.test', 'changed old@acme.test']);
  });

  it.each<[what: string, more: Record<string, unknown>]>([
    ['a read', { readOnly: true }],
    ['a call that failed', { errorCode: 'AccessDenied' }],
    ['another role', { requestParameters: { roleName: 'orders-2' } }],
    ['a data event', { managementEvent: false }],
    ['a service', { userIdentity: { type: 'AWSService', invokedBy: 'cloudformation.amazonaws.com' } }],
    [
      'a person by way of a service',
      { userIdentity: { ...session('ada@acme.test'), invokedBy: 'x.amazonaws.com' } },
    ],
    ['a name without end', { userIdentity: session('x'.repeat(5_000)) }],
    ['no identity', { userIdentity: null }],
    ['parameters of every object', { requestParameters: ['orders'] }],
  ])('leave out %s', (_what, more) => {
    expect(names([event(more), null, 7, 'orders'])).toEqual([]);
  });

  it('are found by the ARN that a record names', () => {
    expect(names([event({ requestParameters: null, resources: [{ ARN }] })])).toEqual([
      'changed ada@acme.test',
    ]);
  });
});
