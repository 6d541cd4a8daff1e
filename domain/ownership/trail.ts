import { isRecord } from '../json.js';

/** Somebody whom the log shows at work on a resource. */
export interface Administrator {
  /** User name or session name, which single sign-on sets to a person's address. Hostile until the directory knows it. */
  name: string;
  did: 'created' | 'changed';
  eventName: string;
  atIso: string;
}

/** Request parameters that name what a call is about, by the services whose findings we take (CloudTrail records of IAM, S3, RDS, Lambda). */
const NAMING = [
  'roleName',
  'userName',
  'policyArn',
  'bucketName',
  'dBInstanceIdentifier',
  'dBClusterIdentifier',
  'functionName',
] as const;
/** Longest name that is looked up. */
const MAX_NAME = 256;

/**
 * Who created a resource, then who changed it last: management calls that wrote to it, succeeded, and were made by a
 * person rather than by a service. Evidence of behaviour, so an owner that is found so is *inferred*.
 */
export function administratorsOf(
  events: readonly unknown[],
  subject: { arn: string; name: string },
): readonly Administrator[] {
  const writes = events.flatMap((event) => writeTo(event, subject) ?? []);
  writes.sort((a, b) => (a.atIso < b.atIso ? 1 : -1));
  const created = writes.filter(({ did }) => did === 'created');
  return [...created.slice(-1), ...writes.filter(({ did }) => did === 'changed')];
}

function writeTo(event: unknown, subject: { arn: string; name: string }): Administrator | undefined {
  if (!isRecord(event) || event['readOnly'] !== false || event['errorCode'] !== undefined) return undefined;
  if (event['managementEvent'] === false || !isAbout(event, subject)) return undefined;
  const { eventName, eventTime } = event;
  if (typeof eventName !== 'string' || typeof eventTime !== 'string') return undefined;
  const name = personIn(event['userIdentity']);
  if (name === undefined) return undefined;
  return { name, did: eventName.startsWith('Create') ? 'created' : 'changed', eventName, atIso: eventTime };
}

function isAbout(event: Record<string, unknown>, { arn, name }: { arn: string; name: string }): boolean {
  const { requestParameters, resources } = event;
  if (isRecord(requestParameters)) {
    const named = NAMING.map((key) => requestParameters[key]);
    if (named.some((value) => value === name || value === arn)) return true;
  }
  if (!Array.isArray(resources)) return false;
  return resources.some((resource) => isRecord(resource) && (resource['ARN'] ?? resource['arn']) === arn);
}

/** A user's name, or the name of a session: services and service-linked sessions are nobody. */
function personIn(identity: unknown): string | undefined {
  if (!isRecord(identity) || identity['invokedBy'] !== undefined) return undefined;
  const { type, arn, userName } = identity;
  const name = type === 'IAMUser' ? userName : type === 'AssumedRole' ? lastPart(arn) : undefined;
  return typeof name === 'string' && name !== '' && name.length <= MAX_NAME ? name : undefined;
}

function lastPart(arn: unknown): string | undefined {
  return typeof arn === 'string' ? arn.slice(arn.lastIndexOf('/') + 1) : undefined;
}
