import { PolicyError } from './document.js';
import { SERVICES, VERSION } from './generated/catalogue.js';
import { compileActions } from './match.js';

/** Which editions of the service authorisation reference the catalogue holds. */
export const CATALOGUE_VERSION: string = VERSION;

/** An action's access level by AWS's Service Authorization Reference. */
export type AccessLevel = 'Read' | 'Write' | 'List' | 'Tagging' | 'Permissions management';

/** What is known about one action. https://docs.aws.amazon.com/service-authorization/latest/reference/ */
export interface ActionInfo {
  /** `service:Name` in the catalogue's case. */
  name: string;
  service: string;
  level: AccessLevel;
  /** Several required ones mean that one call is authorised on each of them. */
  resourceTypes: readonly { name: string; required: boolean }[];
  /** Service-specific and global keys that the reference lists for it, e.g. `aws:RequestTag/${TagKey}`. */
  conditionKeys: readonly string[];
  /** What a caller needs besides, e.g. `iam:PassRole`. */
  dependentActions: readonly string[];
  /** A permission that no API call has as its name. */
  permissionOnly: boolean;
  /** It has no resource types, so that only `Resource: "*"` covers it. */
  isWildcardOnly: boolean;
}

interface Service {
  readonly actions: ReadonlyMap<string, ActionInfo>;
  readonly types: ReadonlyMap<string, { arn: string; conditionKeys: readonly string[] }>;
}

const LEVELS: ReadonlyMap<string, AccessLevel> = new Map([
  ['R', 'Read'],
  ['W', 'Write'],
  ['L', 'List'],
  ['T', 'Tagging'],
  ['P', 'Permissions management'],
]);

const services = new Map<string, Service>();

/** A service's entry, unpacked at its first use. */
function serviceOf(prefix: string): Service | undefined {
  const known = services.get(prefix);
  if (known !== undefined) return known;
  const packed = Object.hasOwn(SERVICES, prefix) ? SERVICES[prefix] : undefined;
  if (packed === undefined) return undefined;
  const unpacked = unpack(prefix, packed);
  services.set(prefix, unpacked);
  return unpacked;
}

/** [resource types, condition keys, sets of keys, actions], as tools/catalogue.mjs writes them. */
type Packed = [[string, string, number[]][], string[], string[], string];

function unpack(prefix: string, text: string): Service {
  const [types, keys, sets, actions]: Packed = JSON.parse(text);
  const keySets = sets.map((set) => set.split(' ').map((at) => keys[Number(at)] ?? ''));
  const entries = actions.split('|').map((packed): [string, ActionInfo] => {
    const [name = '', level = '', ofTypes = '', set = '', dependent = '', only = ''] = packed.split(',');
    const resourceTypes = words(ofTypes).map((type) => ({
      name: types[Number.parseInt(type, 10)]?.[0] ?? '',
      required: type.endsWith('!'),
    }));
    return [
      name.toLowerCase(),
      {
        name: `${prefix}:${name}`,
        service: prefix,
        level: LEVELS.get(level) ?? 'Write',
        resourceTypes,
        conditionKeys: set === '' ? [] : (keySets[Number(set)] ?? []),
        dependentActions: words(dependent),
        permissionOnly: only !== '',
        isWildcardOnly: resourceTypes.length === 0,
      },
    ];
  });
  const arns = types.map(([name, arn, of]): [string, { arn: string; conditionKeys: string[] }] => [
    name.toLowerCase(),
    { arn, conditionKeys: of.map((at) => keys[at] ?? '') },
  ]);
  return { actions: new Map(entries), types: new Map(arns) };
}

function words(text: string): readonly string[] {
  return text === '' ? [] : text.split(' ');
}

/** What is known about `service:Name`, in any case; undefined for an action that the catalogue lacks. */
export function actionInfo(name: string): ActionInfo | undefined {
  const lower = name.toLowerCase();
  const colon = lower.indexOf(':');
  return serviceOf(lower.slice(0, colon))?.actions.get(lower.slice(colon + 1));
}

/** The ARN format of a resource type, e.g. `arn:${Partition}:s3:::${BucketName}`; empty when it is not known. */
export function resourceTypeArns(service: string, type: string): readonly string[] {
  const found = serviceOf(service.toLowerCase())?.types.get(type.toLowerCase());
  return found === undefined || found.arn === '' ? [] : [found.arn];
}

/** Condition keys that a resource type brings along, e.g. `aws:ResourceTag/${TagKey}`. */
export function resourceTypeConditionKeys(service: string, type: string): readonly string[] {
  return serviceOf(service.toLowerCase())?.types.get(type.toLowerCase())?.conditionKeys ?? [];
}

/** All service prefixes, sorted. */
export function allServices(): readonly string[] {
  return Object.keys(SERVICES);
}

let everyAction: readonly string[] | undefined;

/** Every action's name in the catalogue's case, sorted. The first call unpacks all services (about 50 ms). */
export function allActions(): readonly string[] {
  everyAction ??= allServices().flatMap(actionsOf).sort(byCodeUnit);
  return everyAction;
}

function actionsOf(service: string): readonly string[] {
  return [...(serviceOf(service)?.actions.values() ?? [])].map((action) => action.name);
}

/** Most patterns in one expansion, and most of them that ask every service. */
const MAX_PATTERNS = 20_000;
const MAX_OPEN_PATTERNS = 500;

/**
 * The catalogue's actions that `actions` cover and `notActions` do not, in the catalogue's case, sorted; and the
 * patterns of either list that cover no action of the catalogue.
 * With `notActions` alone, `actions` is everything.
 *
 * @throws PolicyError `DocumentTooLarge`
 */
export function expandActions(wanted: { actions?: readonly string[]; notActions?: readonly string[] }): {
  actions: string[];
  unmatched: string[];
} {
  const patterns = wanted.actions ?? (wanted.notActions === undefined ? [] : ['*']);
  const exceptions = wanted.notActions ?? [];
  if (patterns.length + exceptions.length > MAX_PATTERNS) {
    throw new PolicyError('DocumentTooLarge', '/actions', `more than ${MAX_PATTERNS} patterns; ask in parts`);
  }
  if (
    [...patterns, ...exceptions].filter((pattern) => serviceAsked(pattern) === undefined).length >
    MAX_OPEN_PATTERNS
  ) {
    throw new PolicyError(
      'DocumentTooLarge',
      '/actions',
      `more than ${MAX_OPEN_PATTERNS} patterns without a service; name it`,
    );
  }
  const found = new Set<string>();
  const unmatched: string[] = [];
  for (const pattern of patterns) collect(pattern, found, unmatched);
  const excepted = new Set<string>();
  for (const pattern of exceptions) collect(pattern, excepted, unmatched);
  const actions = [...found].filter((action) => !excepted.has(action));
  return { actions: actions.sort(byCodeUnit), unmatched: [...new Set(unmatched)] };
}

function collect(pattern: string, into: Set<string>, unmatched: string[]): void {
  const matches = matching(pattern.toLowerCase());
  if (matches.length === 0) unmatched.push(pattern);
  for (const action of matches) into.add(action);
}

function matching(pattern: string): readonly string[] {
  if (!/[*?]/.test(pattern)) {
    const exact = actionInfo(pattern);
    return exact === undefined ? [] : [exact.name];
  }
  const covers = compileActions({ negated: false, patterns: [pattern] });
  const service = serviceAsked(pattern);
  const pool = service === undefined ? allActions() : actionsOf(service);
  return pool.filter((action) => covers(action.toLowerCase()));
}

/** The one service that a pattern asks, or undefined when it may be any. */
function serviceAsked(pattern: string): string | undefined {
  const service = pattern.slice(0, Math.max(0, pattern.indexOf(':'))).toLowerCase();
  return service === '' || /[*?]/.test(service) ? undefined : service;
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
