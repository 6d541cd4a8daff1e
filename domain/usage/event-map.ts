import { actionInfo } from '../iam/catalogue.js';
import { type EventCall, presentAt } from './event-call.js';
import { RESOURCE_READERS } from './event-resources.js';
import { type EventRow, type PairTemplate, parsePair } from './event-row.js';
import { prefixOfSource, restVerb, stripVersion } from './event-source.js';
import { EC2_EVENTS, LAMBDA_EVENTS, PASS_ROLE_EVENTS } from './event-table-compute.js';
import { KMS_EVENTS, OTHER_EVENTS, SQS_EVENTS } from './event-table-others.js';
import { DYNAMODB_EVENTS, S3_EVENTS } from './event-table-storage.js';

/** One question that a call asked of IAM. Without a resource, the record does not say which it was. */
export interface Pair {
  /** IAM action in the catalogue's case. */
  action: string;
  /** A concrete ARN. */
  resource?: string;
}

const TABLE: ReadonlyMap<string, readonly PairTemplate[]> = buildTable();

function buildTable(): Map<string, readonly PairTemplate[]> {
  const groups: [string, readonly EventRow[]][] = [
    ['s3', S3_EVENTS],
    ['dynamodb', DYNAMODB_EVENTS],
    ['lambda', LAMBDA_EVENTS],
    ['ec2', EC2_EVENTS],
    ['kms', KMS_EVENTS],
    ['sqs', SQS_EVENTS],
    ...Object.entries(PASS_ROLE_EVENTS),
    ...Object.entries(OTHER_EVENTS),
  ];
  const table = new Map<string, readonly PairTemplate[]>();
  for (const [prefix, rows] of groups) {
    for (const [name, ...pairs] of rows) table.set(`${prefix}:${name}`, pairs.map(parsePair));
  }
  return table;
}

/** Every line of the mapping table, as `prefix:eventName` and the actions it can authorise; for the table's own test. */
export function mappedEvents(): { event: string; actions: readonly string[] }[] {
  return [...TABLE].map(([event, pairs]) => ({ event, actions: pairs.map((pair) => pair.action) }));
}

const templates = new Map<string, readonly PairTemplate[]>();

/** The lines for an event, by its source and name; empty when no IAM action is known for it. */
function templatesFor(eventSource: string, eventName: string): readonly PairTemplate[] {
  const key = `${eventSource} ${eventName}`;
  const known = templates.get(key);
  if (known !== undefined) return known;
  const found = lookUp(eventSource, eventName);
  // Event names come from outside: the memo is bounded so that a hostile log cannot grow it for ever.
  if (templates.size < 50_000) templates.set(key, found);
  return found;
}

function lookUp(eventSource: string, eventName: string): readonly PairTemplate[] {
  const prefix = prefixOfSource(eventSource);
  const name = stripVersion(eventName);
  const own = TABLE.get(`${prefix}:${name}`);
  if (own !== undefined) return own;
  const action = prefix === 'apigateway' ? `apigateway:${restVerb(name)}` : `${prefix}:${name}`;
  const info = actionInfo(action);
  return info === undefined ? [] : [{ action: info.name }];
}

/**
 * All (action, resource) pairs that a call was authorised for. The table of exceptions first, otherwise
 * the source's prefix and the event's name, when the catalogue knows such an action. Empty: unmapped.
 * The event names: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference.html.
 */
export function pairsOf(call: EventCall): Pair[] {
  const found = templatesFor(call.eventSource, call.eventName);
  const pairs: Pair[] = [];
  for (const template of found) {
    if (template.whenPresent !== undefined && !presentAt(call.request, template.whenPresent)) continue;
    if (template.whenAbsent !== undefined && presentAt(call.request, template.whenAbsent)) continue;
    pairs.push(...resolve(template, call));
  }
  return pairs;
}

function resolve(template: PairTemplate, call: EventCall): Pair[] {
  const { action } = template;
  const arns =
    template.resource === undefined ? onlyResource(call) : RESOURCE_READERS.get(template.resource)?.(call);
  const usable = (arns ?? []).filter(isConcreteArn);
  return usable.length === 0 ? [{ action }] : usable.map((resource) => ({ action, resource }));
}

/** A record that names one resource of the action's own service names what was asked for. */
function onlyResource(call: EventCall): string[] {
  const [only, ...more] = call.resources;
  if (only === undefined || more.length > 0) return [];
  return only.arn.split(':')[2] === prefixOfSource(call.eventSource) ? [only.arn] : [];
}

const ARN = /^arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:(?:\d{12}|aws)?:./;
const CONTROL = /\p{Cc}/u;

/** Six segments and no control characters. Wildcard characters are allowed: object keys may hold them. */
export function isConcreteArn(text: string): boolean {
  return text.length <= 2048 && ARN.test(text) && !CONTROL.test(text);
}

/**
 * The pairs for an event known only by name, without a request to read resources from: what the call always asks.
 * What it asks only for a parameter that may have been there is left out, unless it asks nothing else.
 */
export function pairsOfName(eventSource: string, eventName: string): Pair[] {
  const all = templatesFor(eventSource, eventName);
  const always = all.filter((template) => template.whenPresent === undefined);
  const actions = (always.length > 0 ? always : all).map((template) => template.action);
  return [...new Set(actions)].map((action) => ({ action }));
}
