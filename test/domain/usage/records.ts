/** A CloudTrail record of the kind that most tests need; members given replace the defaults. */
export function record(members: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    eventVersion: '1.09',
    userIdentity: sessionOf(ROLE),
    eventTime: '2026-06-15T10:00:00Z',
    eventSource: 's3.amazonaws.com',
    eventName: 'GetObject',
    awsRegion: 'eu-west-1',
    requestParameters: { bucketName: 'data', key: 'in/a.csv' },
    responseElements: null,
    recipientAccountId: '123456789012',
    eventType: 'AwsApiCall',
    ...members,
  };
}

export const ROLE = 'arn:aws:iam::123456789012:role/service/App';

/** The identity of a session of a role. */
export function sessionOf(role: string): Record<string, unknown> {
  const name = role.split('/').at(-1) ?? '';
  return {
    type: 'AssumedRole',
    arn: `arn:aws:sts::123456789012:assumed-role/${name}/session`,
    accountId: '123456789012',
    sessionContext: { sessionIssuer: { type: 'Role', arn: role, accountId: '123456789012', userName: name } },
  };
}
