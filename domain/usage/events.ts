import { isRecord } from '../json.js';
import type { EventCall } from './event-call.js';
import { type Pair, pairsOf } from './event-map.js';
import type { UsageOutcome } from './usage.js';

/** One CloudTrail record, read: who called, what it was authorised for, when, and what came of it. */
export interface ReadEvent {
  principal?: string;
  service: boolean;
  name: string;
  pairs: readonly Pair[];
  timeIso: string;
  outcome: UsageOutcome;
}

/**
 * Reads a CloudTrail record; undefined when it is malformed (no source, name, time or identity).
 * A call with `invokedBy` was made by a service on the caller's behalf and counts for the caller.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export function readEvent(record: unknown): ReadEvent | undefined {
  if (!isRecord(record)) return undefined;
  const { eventSource, eventName, eventTime, userIdentity } = record;
  if (!isName(eventSource) || !isName(eventName) || !isTime(eventTime)) return undefined;
  const caller = attribute(userIdentity, record);
  if (caller === undefined) return undefined;
  const call = callOf(record, eventSource, eventName, caller.principal);
  return {
    ...caller,
    name: `${eventSource}:${eventName}`,
    pairs: pairsOf(call),
    timeIso: eventTime,
    outcome: outcomeOf(record['errorCode']),
  };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 256;
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:?\d\d)?)?$/.test(value);
}

function callOf(
  record: Record<string, unknown>,
  eventSource: string,
  eventName: string,
  principal: string | undefined,
): EventCall {
  const { awsRegion, recipientAccountId, requestParameters, responseElements, resources } = record;
  const caller = principal?.startsWith('arn:') === true ? principal.split(':') : undefined;
  const region = typeof awsRegion === 'string' ? awsRegion : '';
  return {
    eventSource,
    eventName,
    region,
    account: typeof recipientAccountId === 'string' ? recipientAccountId : (caller?.[4] ?? ''),
    partition: caller?.[1] ?? partitionOf(region),
    request: requestParameters,
    response: responseElements,
    resources: Array.isArray(resources) ? resources.slice(0, 100).flatMap(resourceOf) : [],
  };
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

function resourceOf(value: unknown): { type?: string; arn: string }[] {
  if (!isRecord(value)) return [];
  const arn = value['ARN'] ?? value['arn'];
  const { type } = value;
  if (typeof arn !== 'string') return [];
  return [{ arn, ...(typeof type === 'string' ? { type } : {}) }];
}

/**
 * Whose event it is: a session's role (`sessionIssuer`), a user, or a service acting for itself.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
 */
function attribute(
  identity: unknown,
  record: Record<string, unknown>,
): { principal?: string; service: boolean } | undefined {
  const serviceEvent = record['eventType'] === 'AwsServiceEvent';
  if (!isRecord(identity)) return serviceEvent ? { service: true } : undefined;
  const { type, arn, accountId, principalId, userName } = identity;
  if (type === 'AWSService' || serviceEvent) return { service: true };
  const issuer = isRecord(identity['sessionContext'])
    ? identity['sessionContext']['sessionIssuer']
    : undefined;
  if (isRecord(issuer) && typeof issuer['arn'] === 'string')
    return { principal: issuer['arn'], service: false };
  if (typeof arn === 'string' && arn !== '') return { principal: arn, service: false };
  const named = [accountId, principalId, userName].find((value) => typeof value === 'string' && value !== '');
  // Somebody outside the account's own identities: named well enough to be told apart from the one in question.
  if (typeof type === 'string' && typeof named === 'string')
    return { principal: `${type}:${named}`, service: false };
  return undefined;
}

const DENIED =
  /(^|[.#])(AccessDenied|AccessDeniedException|UnauthorizedOperation|UnauthorizedAccess|UnauthorizedException|AuthorizationError|AuthorizationErrorException|AuthorizationException|NotAuthorized|KMSAccessDeniedException|AccessDeniedFault)$/;

/** Whether a record's error code is a refusal of authorisation. `DryRunOperation` says that it would have worked. */
export function outcomeOf(errorCode: unknown): UsageOutcome {
  if (typeof errorCode !== 'string' || errorCode === '') return 'ok';
  return DENIED.test(errorCode) ? 'denied' : 'error';
}
