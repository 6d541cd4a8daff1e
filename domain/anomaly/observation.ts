import { isRecord } from '../json.js';
import type { Pair } from '../usage/event-map.js';
import { prefixOfSource, stripVersion } from '../usage/event-source.js';
import { readEvent } from '../usage/events.js';
import type { UsageOutcome } from '../usage/usage.js';

/** What is compared with an identity's past. */
export const FEATURES = ['action', 'service', 'region', 'role', 'network', 'agent', 'hour'] as const;
export type Feature = (typeof FEATURES)[number];

/** One event, as far as it can be unusual. */
export interface Observation {
  /** CloudTrail's event id, or `#` and the place in the input. */
  id: string;
  /** ARN of the role or user; sessions count for their role. */
  principal: string;
  timeMs: number;
  values: Readonly<Partial<Record<Feature, string>>>;
  /** What IAM was asked for. */
  pairs: readonly Pair[];
  outcome: UsageOutcome;
  root: boolean;
  /** The user agent names a distribution for penetration tests. */
  attackTool: boolean;
}

/**
 * Services whose events are written in one region whatever the caller's is, so that the region says nothing.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html#cloudtrail-concepts-global-service-events
 */
const GLOBAL = new Set([
  'iam',
  'sts',
  'organizations',
  'cloudfront',
  'route53',
  'route53domains',
  'support',
  'health',
  'signin',
  'waf',
  'shield',
  'globalaccelerator',
  'account',
  'billing',
  'ce',
  'budgets',
  'sso',
]);

/** GuardDuty's findings PenTest:IAMUser/KaliLinux, ParrotLinux and PentooLinux go by the same names. */
const ATTACK_TOOL = /\b(kali|parrot|pentoo|pacu|cloudfox|scoutsuite)\b/i;

/**
 * Reads a CloudTrail record; undefined when it is malformed or a service's own call, which has no identity to compare.
 */
export function observe(record: unknown, place: number): Observation | undefined {
  const event = readEvent(record);
  if (event === undefined || !isRecord(record) || event.service || event.principal === undefined)
    return undefined;
  const timeMs = Date.parse(event.timeIso);
  if (Number.isNaN(timeMs)) return undefined;
  const { eventID, userAgent, userIdentity } = record;
  return {
    id: idOf(eventID, place),
    principal: event.principal,
    timeMs,
    values: valuesOf(record, timeMs),
    pairs: event.pairs,
    outcome: event.outcome,
    root: isRecord(userIdentity) && userIdentity['type'] === 'Root',
    attackTool: typeof userAgent === 'string' && ATTACK_TOOL.test(userAgent.slice(0, 1000)),
  };
}

/** The name by which an event is ranked. */
export function idOf(eventId: unknown, place: number): string {
  return typeof eventId === 'string' && eventId !== '' ? eventId.slice(0, 256) : `#${place}`;
}

function valuesOf(record: Record<string, unknown>, timeMs: number): Observation['values'] {
  const { eventSource, eventName, awsRegion, sourceIPAddress, userAgent, requestParameters } = record;
  const service = prefixOfSource(String(eventSource));
  const role = isRecord(requestParameters) ? requestParameters['roleArn'] : undefined;
  const assumes = service === 'sts' && String(eventName).startsWith('AssumeRole');
  return {
    action: `${service}:${stripVersion(String(eventName))}`,
    service,
    hour: String(new Date(timeMs).getUTCHours()).padStart(2, '0'),
    ...(typeof awsRegion === 'string' && awsRegion !== '' && !GLOBAL.has(service) && { region: awsRegion }),
    ...(assumes && typeof role === 'string' && { role }),
    ...(typeof sourceIPAddress === 'string' &&
      sourceIPAddress !== '' && { network: networkOf(sourceIPAddress) }),
    ...(typeof userAgent === 'string' && userAgent !== '' && { agent: agentOf(userAgent) }),
  };
}

/** The first half of an IPv4 address, the first three groups of an IPv6 one, or the service's name that stands there. */
function networkOf(address: string): string {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) return `${address.split('.').slice(0, 2).join('.')}.0.0/16`;
  if (address.includes(':')) return `${address.split(':').slice(0, 3).join(':')}::/48`;
  return address.slice(0, 256);
}

/** The program without its version: `aws-cli/2.15.0 …` is `aws-cli`. */
function agentOf(agent: string): string {
  const text = agent.replace(/^\[/, '').slice(0, 256);
  return (/^[^\s/;(]+/.exec(text)?.[0] ?? text).toLowerCase();
}
