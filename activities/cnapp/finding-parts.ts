import { z } from 'zod';
import type { Finding, FindingKind, FindingSource, FindingSubject } from '../../domain/finding/finding.js';
import { canonicalJson, isRecord } from '../../domain/json.js';

/** Bounds on what one finding may carry: it travels through workflow histories, and its text is anybody's. */
const LIMITS = { title: 300, text: 4000, id: 2048, word: 256, tags: 50, hints: 10, list: 2000 } as const;

/** A record that cannot be understood: why, and where in it. */
export class RecordError extends Error {
  readonly pointer: string | undefined;
  constructor(reason: string, pointer?: string) {
    super(reason);
    this.name = 'RecordError';
    this.pointer = pointer;
  }
}

/** Counts a value that is not known yet, such as a new severity: the record is taken all the same. */
export type Warn = (what: string) => void;

/** Parses a record. @throws RecordError with a pointer at the first fault */
export function parseRecord<Schema extends z.ZodType>(
  schema: Schema,
  record: unknown,
  what: string,
): z.output<Schema> {
  const parsed = schema.safeParse(record);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const pointer = (issue?.path ?? [])
    .map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
  throw new RecordError(
    `${what}: ${issue?.message ?? 'wrong shape'}${pointer === '' ? '' : ` at ${pointer}`}`,
    pointer,
  );
}

/** A text that may be missing, null or of a new type: then it is absent, and the record stands. */
export const MaybeText = z.string().nullish().catch(undefined);
/** A text or a number as text, that may be missing. */
export const MaybeId = z
  .union([z.string(), z.number().transform(String)])
  .nullish()
  .catch(undefined);
/** A list of texts; what is no text in it is passed over. */
export const MaybeTexts = z
  .array(z.unknown())
  .nullish()
  .catch(undefined)
  .transform((list) => (list ?? []).filter((each): each is string => typeof each === 'string'));
/** A member of any shape, that may be missing. */
export const Anything = z.unknown().optional();
/** An id that has to be there. */
export const Id = z.union([z.string().min(1).max(LIMITS.id), z.number().transform(String)]);

/** A text without control characters, on one line, of at most `max` characters. */
export function plainText(value: unknown, max: number = LIMITS.title): string | undefined {
  if (typeof value !== 'string') return undefined;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const clean = value.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ').trim();
  return clean === '' ? undefined : wellFormed(clean, max);
}

/** Free text of a platform: line breaks stay, other control characters go, the length is bounded. */
export function bodyText(...values: readonly unknown[]): string | undefined {
  const parts = values.filter((value): value is string => typeof value === 'string' && value.trim() !== '');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const clean = [...new Set(parts)].join('\n').replace(/[\u0000-\u0008\u000b-\u001f\u007f]+/g, ' ');
  return clean.trim() === '' ? undefined : wellFormed(clean.trim(), LIMITS.text);
}

function wellFormed(text: string, max: number): string {
  // A cut through a surrogate pair, or a lone half that came in, would not survive UTF-8.
  return Buffer.from(text.slice(0, max)).toString();
}

/** The first value that is a text with something in it. */
export function firstText(...values: readonly unknown[]): string | undefined {
  for (const value of values) if (typeof value === 'string' && value.trim() !== '') return value;
  return undefined;
}

/**
 * A time as platforms write it: ISO 8601, `2024-06-04 02:28:06.763277000` (UTC), a day, or a number of milliseconds or
 * seconds since the epoch, also as text. Anything else is absent, never "now".
 */
export function readIso(value: unknown): string | undefined {
  if (typeof value === 'number') return isoOf(value);
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (/^\d{10,13}$/.test(text)) return isoOf(Number(text));
  const parts =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,9}))?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$/i.exec(
      text,
    );
  if (parts === null) return undefined;
  const [, day = '', clock = '00:00', fraction = '0', zone = 'Z'] = parts;
  const offset = /^[+-]/.test(zone) ? zone.replace(/^([+-]\d{2}):?(\d{2})$/, '$1:$2') : 'Z';
  return isoOf(
    Date.parse(`${day}T${clock.length === 5 ? `${clock}:00` : clock}.${fraction.slice(0, 3)}${offset}`),
  );
}

function isoOf(epoch: number): string | undefined {
  const ms = epoch < 100_000_000_000 ? epoch * 1000 : epoch;
  return Number.isFinite(ms) && ms > 0 && ms < 8e15 ? new Date(ms).toISOString() : undefined;
}

/** Tags in each form that platforms have: an object, `[{key, value}]`, `["key|value"]`, or one of these as JSON text. */
export function readTags(value: unknown): Record<string, string> {
  const tags = new Map<string, string>();
  for (const [key, tag] of tagPairs(value)) {
    const name = plainText(key, LIMITS.word);
    if (name === undefined || name === '__proto__' || tags.size >= LIMITS.tags) continue;
    tags.set(name, plainText(String(tag ?? ''), LIMITS.word) ?? '');
  }
  return Object.fromEntries(tags);
}

function tagPairs(value: unknown): [string, unknown][] {
  if (typeof value === 'string') return tagPairs(jsonOrUndefined(value));
  if (isRecord(value)) return Object.entries(value).filter(([, tag]) => isScalar(tag));
  if (!Array.isArray(value)) return [];
  return value.flatMap((each): [string, unknown][] => {
    if (typeof each === 'string') {
      const cut = each.search(/[|=]/);
      return cut < 0 ? [[each, '']] : [[each.slice(0, cut), each.slice(cut + 1)]];
    }
    if (!isRecord(each)) return [];
    const key = each['key'] ?? each['Key'];
    const tag = each['value'] ?? each['Value'];
    return typeof key === 'string' && isScalar(tag) ? [[key, tag]] : [];
  });
}

function isScalar(value: unknown): boolean {
  return value === null || value === undefined || ['string', 'number', 'boolean'].includes(typeof value);
}

/** The JSON value that a text is, or undefined. */
export function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const OWNER_TAG =
  /^(owner|owner[-_. ]?e?mail|technical[-_ ]?owner|contact|maintainer|team|squad|group[-_ ]?owner)$/i;

/** Who the platform suggests as owner: what its tags and its own fields say. */
export function ownerHints(tags: Readonly<Record<string, string>>, ...more: readonly unknown[]): string[] {
  const fromTags = Object.entries(tags).flatMap(([key, value]) => (OWNER_TAG.test(key) ? [value] : []));
  return boundedTexts([...fromTags, ...more], LIMITS.word, LIMITS.hints);
}

/** Distinct texts, each and all bounded. */
export function boundedTexts(
  values: readonly unknown[],
  max: number = LIMITS.word,
  count: number = LIMITS.list,
): string[] {
  const texts = new Set<string>();
  for (const value of values) {
    const text = plainText(value, max);
    if (text !== undefined && texts.size < count) texts.add(text);
  }
  return [...texts];
}

/** A web address to open, or undefined when it is anything but https. */
export function webAddress(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > LIMITS.id || !URL.canParse(value)) return undefined;
  return new URL(value).protocol === 'https:' ? value : undefined;
}

/** The account and region that an ARN names. */
export function arnParts(arn: string): { service?: string; account?: string; region?: string } {
  const parts = /^arn:[^:]+:([^:]*):([^:]*):(\d{12})?:/.exec(arn);
  if (parts === null) return {};
  const [, service, region, account] = parts;
  return {
    ...(service !== undefined && service !== '' && { service }),
    ...(region !== undefined && region !== '' && { region }),
    ...(account !== undefined && { account }),
  };
}

/** What an ARN is about, where the platform does not say. */
export function typeByArn(id: string): 'identity' | 'store' | 'other' {
  if (/^arn:[^:]+:iam::\d{12}:(?:role|user|group|root)/.test(id)) return 'identity';
  return /^arn:[^:]+:(?:s3|rds|dynamodb|redshift|elasticfilesystem):/.test(id) ? 'store' : 'other';
}

/** The access key id in the first of these texts that holds one. */
export function accessKeyId(...texts: readonly unknown[]): string | undefined {
  for (const text of texts) {
    const found = typeof text === 'string' ? /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/.exec(text) : null;
    if (found !== null) return found[0];
  }
  return undefined;
}

/** The window of observation that a rule's name states, such as `unused for 90 days`. */
export function daysStated(name: string | undefined): number | undefined {
  const days = Number(/(\d{1,4})[ -]?days?\b/i.exec(name ?? '')?.[1]);
  return days > 0 && days <= 3660 ? days : undefined;
}

const CLOUDS: Readonly<Record<string, Finding['cloud']>> = {
  aws: 'aws',
  azure: 'azure',
  gcp: 'gcp',
  google: 'gcp',
  kubernetes: 'kubernetes',
  k8s: 'kubernetes',
};

/** The cloud by a platform's word for it; an ARN is AWS whatever the word. */
export function cloudOf(word: unknown, subjectId: string): Finding['cloud'] {
  if (subjectId.startsWith('arn:')) return 'aws';
  const key = typeof word === 'string' ? word.toLowerCase() : '';
  return Object.hasOwn(CLOUDS, key) ? (CLOUDS[key] ?? 'other') : 'other';
}

/** What makes two reports the same finding. */
export function canonicalKey(parts: {
  source: FindingSource;
  kind: FindingKind;
  subject: FindingSubject;
  rule: string;
}): string {
  const { source, kind, subject, rule } = parts;
  return canonicalJson({ source, kind, subject: subject.credentialId ?? subject.id, rule });
}

/** Looks a platform's word up; an unknown one is counted and answered by the fallback. */
export function translate<T>(
  table: Readonly<Record<string, T>>,
  word: string,
  fallback: T,
  warn: () => void,
): T {
  const found = Object.hasOwn(table, word) ? table[word] : undefined;
  if (found !== undefined) return found;
  warn();
  return fallback;
}

/** An object without its undefined members, as `exactOptionalPropertyTypes` wants them. */
export function defined<T extends Record<string, unknown>>(
  value: T,
): { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
} {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as never;
}
