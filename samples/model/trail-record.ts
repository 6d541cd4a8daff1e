import { isRecord, type Json } from '../../domain/json.js';
import type { Call } from './calls.js';
import { REGION } from './names.js';

/** The record that CloudTrail writes for a call. `denied` when IAM refused it. */
export function recordOf(
  call: Call,
  at: { timeIso: string; eventId: string; requestId: string; denied?: boolean },
): Json {
  const name = call.principal.slice(call.principal.lastIndexOf('/') + 1);
  const session = `arn:aws:sts::${call.account}:assumed-role/${name}/${name}-session`;
  const failure = {
    errorCode: 'AccessDenied',
    errorMessage: `User: ${session} is not authorized to perform: ${call.action} on resource: ${call.resource} because no identity-based policy allows the ${call.action} action`,
  };
  return {
    eventVersion: '1.11',
    userIdentity: {
      type: 'AssumedRole',
      principalId: `AROALARKFIELD:${name}-session`,
      arn: session,
      accountId: call.account,
      sessionContext: {
        sessionIssuer: {
          type: 'Role',
          principalId: 'AROALARKFIELD',
          arn: call.principal,
          accountId: call.account,
          userName: name,
        },
        attributes: { creationDate: at.timeIso, mfaAuthenticated: 'false' },
      },
    },
    eventTime: at.timeIso,
    eventSource: call.eventSource,
    eventName: call.eventName,
    awsRegion: REGION,
    sourceIPAddress: '10.20.30.40',
    userAgent: 'aws-sdk-js/3.600.0',
    ...(at.denied === true && failure),
    requestParameters: isRecord(call.requestParameters) ? call.requestParameters : null,
    responseElements: null,
    requestID: at.requestId,
    eventID: at.eventId,
    readOnly: call.readOnly,
    ...(call.resources !== undefined && {
      resources: call.resources.map((resource) => ({ accountId: call.account, ...resource })),
    }),
    eventType: 'AwsApiCall',
    managementEvent: call.isDataEvent !== true,
    recipientAccountId: call.account,
    eventCategory: call.isDataEvent === true ? 'Data' : 'Management',
  } as unknown as Json;
}
