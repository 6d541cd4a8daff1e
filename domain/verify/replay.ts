import { element, isRaw, listOf, rawStatements } from './encode.js';
import { callerName, itemsOf, readUse } from './events.js';
import { isEmpty, matches, units } from './language.js';
import { lex, lexResource, type Variables } from './lex.js';

/** What a request asked of IAM. Without a resource, the log does not say which it was. */
export interface Asked {
  action: string;
  resource?: string;
}
/** Documents of one principal as they were written, before and after. */
export interface Sides {
  before: readonly unknown[];
  after: readonly unknown[];
}

/** A usage log, and what its requests are held against. */
export interface ReplayQuestion {
  usage: readonly unknown[];
  /** Whom rows without a principal belong to. */
  subject?: string;
  /** By caller name; one under `''` stands for everybody. */
  holders: ReadonlyMap<string, Sides>;
  /** What a record or row asked of IAM: the table of the services' APIs, which nothing here can check. */
  askedBy(item: unknown): readonly Asked[];
  /** Whether every such request that `before` allows is allowed by `after`. */
  isKept(sides: Sides, asked: Asked): boolean;
}

/** The accounting of a usage log; the counts of all but `lost` add up to the number of events. */
export interface Replay {
  total: number;
  replayed: number;
  denied: number;
  otherPrincipal: number;
  service: number;
  unmapped: number;
  notAllowedBefore: number;
  malformed: number;
  /** Requests that were allowed and no longer would be, as `caller action resource`. */
  lost: ReadonlySet<string>;
}

/** Counts a log again from its raw records: each event has one fate, and each request that was allowed must stay so. */
export function replay(question: ReplayQuestion): Replay {
  const lost = new Set<string>();
  const counts = { total: 0, replayed: 0, denied: 0, otherPrincipal: 0, service: 0 };
  const rest = { unmapped: 0, notAllowedBefore: 0, malformed: 0 };
  const all = { ...counts, ...rest };
  const known = new Map<string, 'kept' | 'lost' | 'never'>();
  for (const item of itemsOf(question.usage)) {
    const use = readUse(item);
    const count = use?.count ?? 1;
    all.total += count;
    const fate = use === undefined ? 'malformed' : fateOf(item, use);
    all[fate] += count;
  }
  return { ...all, lost };

  function fateOf(item: unknown, use: NonNullable<ReturnType<typeof readUse>>): keyof typeof all {
    if (use.service) return 'service';
    const caller = use.principal === undefined ? (question.subject ?? '') : callerName(use.principal);
    const holder = question.holders.get('') ?? question.holders.get(caller);
    if (holder === undefined && use.principal !== undefined) return 'otherPrincipal';
    if (use.denied) return 'denied';
    const asked = question.askedBy(item);
    if (asked.length === 0) return 'unmapped';
    const fates = asked.map((each) => outcomeOf(holder ?? { before: [], after: [] }, caller, each));
    for (const [i, each] of asked.entries())
      if (fates[i] === 'lost' && use.count > 0)
        lost.add([caller, each.action, each.resource ?? ''].join(' '));
    return fates.every((each) => each === 'never') ? 'notAllowedBefore' : 'replayed';
  }

  function outcomeOf(sides: Sides, caller: string, asked: Asked): 'kept' | 'lost' | 'never' {
    const key = [caller, asked.action, asked.resource ?? ''].join('\n');
    const found =
      known.get(key) ??
      (!mayAllow(sides.before, asked) ? 'never' : question.isKept(sides, asked) ? 'kept' : 'lost');
    known.set(key, found);
    return found;
  }
}

type Raw = Readonly<Record<string, unknown>>;

/** Whether the documents can allow the request in some context; no only when that is certain. */
export function mayAllow(documents: readonly unknown[], asked: Asked): boolean {
  const statements = documents.flatMap(rawStatements).filter((each) => names(each, asked, 'perhaps'));
  const denies = statements.filter((each) => each['Effect'] === 'Deny' && !isConditional(each));
  if (denies.some((each) => names(each, asked, 'surely'))) return false;
  return statements.some((each) => each['Effect'] === 'Allow');
}

function isConditional(statement: Raw): boolean {
  const { Condition } = statement;
  return (
    isRaw(Condition) && Object.values(Condition).some((keys) => isRaw(keys) && Object.keys(keys).length > 0)
  );
}

/** Whether a statement's action and resource name the request, whatever its policy variables stand for. */
export function names(statement: Raw, { action, resource }: Asked, how: 'surely' | 'perhaps'): boolean {
  const actions = element(statement, 'Action');
  const resources = element(statement, 'Resource');
  const plain: Variables = { on: false, numbers: new Map() };
  const variables: Variables = { on: statement['Version'] === '2012-10-17', numbers: new Map() };
  const listed = matches(
    (actions?.texts ?? []).map((text) => lex(text.toLowerCase(), plain)),
    action.toLowerCase(),
  );
  if (actions === undefined || listed === actions.negated) return false;
  if (resources === undefined) return true;
  const isEverything = !resources.negated && resources.texts.some((text) => text === '*');
  if (resource === undefined) return how === 'perhaps' || isEverything;
  const union = resources.texts.map((text) => lexResource(text, 'typed', variables));
  const surely = matches(union, resource);
  const perhaps = !isEmpty([[units(resource)], union], []);
  return resources.negated ? (how === 'surely' ? !perhaps : !surely) : how === 'surely' ? surely : perhaps;
}

/**
 * Whether it is plain that the request stays allowed: no Deny is new, and each Allow that may name it has one after
 * under the same conditions that surely does. No only means that it is not plain.
 */
export function isPlainlyKept({ before, after }: Sides, asked: Asked): boolean {
  const [old, fresh] = [before, after].map((documents) => documents.flatMap(rawStatements));
  const textOf = ({ Sid: _, ...statement }: Raw): string => JSON.stringify(statement);
  const denies = new Set(old?.map(textOf));
  if (fresh?.some((each) => each['Effect'] === 'Deny' && !denies.has(textOf(each))) === true) return false;
  const scope = (each: Raw): string => JSON.stringify([each['Version'], each['Condition'] ?? {}]);
  const wanted = old?.filter((each) => each['Effect'] === 'Allow' && names(each, asked, 'perhaps')) ?? [];
  return wanted.every((each) =>
    fresh?.some((other) => {
      if (other['Effect'] !== 'Allow' || scope(other) !== scope(each)) return false;
      const same = JSON.stringify(resourceOf(other)) === JSON.stringify(resourceOf(each));
      return names(other, asked, same ? 'perhaps' : 'surely');
    }),
  );
}

function resourceOf(statement: Raw): unknown {
  return [listOf(statement['Resource']), listOf(statement['NotResource'])];
}
