import { isRaw } from './encode.js';

/** What one record or row of a log counts as, whatever it asked for; undefined when it cannot be read. */
export interface Use {
  /** ARN of the caller; absent: whoever is in question. */
  principal?: string;
  /** Made by an AWS service for itself. */
  service: boolean;
  denied: boolean;
  count: number;
}

/** Each single record or row of a log, those in files of a trail too. */
export function itemsOf(usage: readonly unknown[]): readonly unknown[] {
  return usage.flatMap((item) => (isRaw(item) && Array.isArray(item['Records']) ? item['Records'] : [item]));
}

/** Reads a CloudTrail record, or a row `{principal?, action | eventSource + eventName, count, outcome?}`. */
export function readUse(item: unknown): Use | undefined {
  if (!isRaw(item)) return undefined;
  return 'userIdentity' in item || 'eventVersion' in item || 'eventTime' in item
    ? ofRecord(item)
    : ofRow(item);
}

type Raw = Readonly<Record<string, unknown>>;
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isName = (value: unknown): boolean => isText(value) && value.length <= 256;
const TIME = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:?\d\d)?)?$/;
const REFUSED =
  /(^|[.#])(AccessDenied(Exception|Fault)?|KMSAccessDeniedException|NotAuthorized|Unauthorized(Operation|Access|Exception)|Authorization(Error(Exception)?|Exception))$/;

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html */
function ofRecord(record: Raw): Use | undefined {
  const { eventSource, eventName, eventTime, userIdentity, errorCode, eventType } = record;
  if (!isName(eventSource) || !isName(eventName) || typeof eventTime !== 'string' || !TIME.test(eventTime))
    return undefined;
  const use = { denied: typeof errorCode === 'string' && REFUSED.test(errorCode), count: 1 };
  const identity = isRaw(userIdentity) ? userIdentity : undefined;
  if (eventType === 'AwsServiceEvent' || identity?.['type'] === 'AWSService')
    return { ...use, service: true };
  if (identity === undefined) return undefined;
  const session = identity['sessionContext'];
  const issuer =
    isRaw(session) && isRaw(session['sessionIssuer']) ? session['sessionIssuer']['arn'] : undefined;
  const { type, accountId, principalId, userName } = identity;
  const named = [accountId, principalId, userName].find(isText);
  const other = typeof type === 'string' && named !== undefined ? `${type}:${named}` : undefined;
  const principal = typeof issuer === 'string' ? issuer : isText(identity['arn']) ? identity['arn'] : other;
  return principal === undefined ? undefined : { ...use, service: false, principal };
}

function ofRow(row: Raw): Use | undefined {
  const { principal, count, outcome = 'ok', action } = row;
  const named = isRaw(action) ? action : row;
  const isNamed =
    typeof action === 'string' || (typeof named['eventSource'] === 'string' && isText(named['eventName']));
  if (!isNamed || !Number.isSafeInteger(count) || Number(count) < 0) return undefined;
  if (outcome !== 'ok' && outcome !== 'denied' && outcome !== 'error') return undefined;
  if (principal !== undefined && typeof principal !== 'string') return undefined;
  const service = principal !== undefined && /^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/.test(principal);
  return {
    ...(principal === undefined ? {} : { principal }),
    service,
    denied: outcome === 'denied',
    count: Number(count),
  };
}

/** One name for a principal, whichever of its ARNs is written: a session's leaves out the path of its role. */
export function callerName(arn: string): string {
  const [, , service, , account = '', ...rest] = arn.split(':');
  const path = rest.join(':').split('/');
  if (service === 'sts' && path[0] === 'assumed-role') return `${account}/role/${path[1] ?? ''}`;
  return service === 'iam' && path.length > 1 ? `${account}/${path[0] ?? ''}/${path.at(-1) ?? ''}` : arn;
}
