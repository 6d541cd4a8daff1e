/** One CloudTrail record of a role's session. */
export function event(given: {
  principal: string;
  day: number;
  hour: number;
  id?: string;
  eventSource?: string;
  eventName?: string;
  [member: string]: unknown;
}): Record<string, unknown> {
  const { principal, day, hour, id, ...rest } = given;
  return {
    eventVersion: '1.11',
    userIdentity: {
      type: 'AssumedRole',
      arn: principal.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/').concat('/session'),
      accountId: '123456789012',
      sessionContext: { sessionIssuer: { type: 'Role', arn: principal } },
    },
    eventTime: new Date(Date.UTC(2026, 8, 1 + day, hour)).toISOString().replace('.000', ''),
    eventSource: 's3.amazonaws.com',
    eventName: 'GetObject',
    awsRegion: 'us-east-1',
    sourceIPAddress: '10.20.30.40',
    userAgent: 'aws-sdk-js/3.600.0',
    requestParameters: null,
    responseElements: null,
    eventID: id ?? `${principal}-${day}-${hour}-${JSON.stringify(rest)}`,
    recipientAccountId: '123456789012',
    ...rest,
  };
}

/** The same four calls every day. */
export function routine(principal: string, days: number): Record<string, unknown>[] {
  return Array.from({ length: days }, (_, day) => [
    event({ principal, day, hour: 9 }),
    event({ principal, day, hour: 10 }),
    event({ principal, day, hour: 10, eventName: 'PutObject' }),
    event({ principal, day, hour: 10, eventSource: 'sqs.amazonaws.com', eventName: 'ReceiveMessage' }),
  ]).flat();
}
