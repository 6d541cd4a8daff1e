import { type Atom, type Atoms, type Keys, type Literal, not } from './atoms.js';
import { ANY, type Pattern, sketch, type Union, units } from './language.js';
import { lex, lexResource, lexValue, neededKeys, opaque, type Variables } from './lex.js';
import { Refusal, readPrefix, readRange } from './values.js';

/** All of a statement's clauses must hold; a clause holds when one of its literals does. */
export interface Statement {
  place: string;
  allow: boolean;
  clauses: readonly Clause[];
}
type Clause = readonly Literal[];

/** What reading documents needs to know, and fills. */
export interface Reading {
  atoms: Atoms;
  keys: Keys;
  policyType: string;
  arns: string;
  variables: Variables;
}

type Raw = Readonly<Record<string, unknown>>;
/** Whether a value is a JSON object. */
export const isRaw = (value: unknown): value is Raw =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** A list as it is, anything else as a list of one: AWS allows both. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

function rawOf(value: unknown): Raw {
  if (isRaw(value)) return value;
  throw new Refusal('a part of a policy that must be a JSON object is none');
}

function textsOf(value: unknown): readonly string[] {
  if (listOf(value).every((item) => /^(string|boolean|number)$/.test(typeof item)))
    return listOf(value).map(String);
  throw new Refusal('a list of a policy holds something that is no text');
}

/** The statements of a document, each with the document's version. */
export function rawStatements(document: unknown): readonly Raw[] {
  const text =
    typeof document === 'string' && /^\s*%7B/i.test(document) ? decodeURIComponent(document) : document;
  const { Statement, Version } = rawOf(typeof text === 'string' ? JSON.parse(text) : text);
  return listOf(Statement).map((statement) => ({ ...rawOf(statement), Version }));
}

const OPERATOR =
  /^(?:(forallvalues|foranyvalue):)?(null|bool|binaryequals|string(?:not)?(?:equals(?:ignorecase)?|like)|(?:numeric|date)(?:(?:not)?equals|(?:less|greater)than(?:equals)?)|(?:not)?ipaddress|arn(?:not)?(?:equals|like))(ifexists)?$/;

/** The condition tests of a statement in order, operators and keys in lower case. */
export function testsOf(statement: Raw) {
  return Object.entries(rawOf(statement['Condition'] ?? {})).flatMap(([name, keys]) => {
    const [, set, operator, ifExists] = OPERATOR.exec(name.toLowerCase()) ?? [];
    if (operator === undefined) throw new Refusal(`unknown condition operator ${name.slice(0, 60)}`);
    const test = { set, operator, ifExists: ifExists !== undefined };
    return Object.entries(rawOf(keys)).map(([key, values]) => ({
      ...test,
      key: key.toLowerCase(),
      values: textsOf(values),
    }));
  });
}
type Test = ReturnType<typeof testsOf>[number];

/** Whether statements of the policy type match nobody unless they name a principal. */
export const namesPrincipal = (policyType: string): boolean =>
  /^(resource|trust|endpoint|rcp)$/.test(policyType);

/** A statement as clauses over atoms. */
export function encode(statement: Raw, place: string, reading: Reading): Statement {
  const variables = { ...reading.variables, on: statement['Version'] === '2012-10-17' };
  const { Effect, Principal, NotPrincipal } = statement;
  const [actions, resources] = [element(statement, 'Action'), element(statement, 'Resource')];
  if ((Effect !== 'Allow' && Effect !== 'Deny') || actions === undefined)
    throw new Refusal(`${place} lacks a part`);
  const clauses: Clause[] = [];
  const list = (field: string, negated: boolean, patterns: Union): void => {
    const literal = reading.atoms.literal(`${place}.${field}`, { kind: 'in', field, patterns });
    clauses.push([negated ? not(literal) : literal]);
  };
  list(
    'action',
    actions.negated,
    actions.texts.map((text) => lex(text.toLowerCase(), { ...variables, on: false })),
  );
  if (Principal !== undefined || NotPrincipal !== undefined) {
    if (!namesPrincipal(reading.policyType)) throw new Refusal(`${place} names a principal`);
    clauses.push(
      ...ofPrincipal(Principal ?? NotPrincipal, Principal === undefined, `${place}.principal`, reading),
    );
  } else if (namesPrincipal(reading.policyType)) clauses.push([]);
  if (resources !== undefined) {
    list(
      'resource',
      resources.negated,
      resources.texts.map((text) => lexResource(text, reading.arns, variables)),
    );
    clauses.push(...needed(resources.texts, `${place}.resource`, reading, variables));
  }
  clauses.push(
    ...testsOf(statement).flatMap((test, i) => ofTest(test, `${place}.c${i}`, reading, variables)),
  );
  return { place, allow: Effect === 'Allow', clauses };
}

/** `Action` or `NotAction`, `Resource` or `NotResource` of a statement; undefined when it has neither. */
export function element(
  statement: Raw,
  name: string,
): { negated: boolean; texts: readonly string[] } | undefined {
  const [plain, negated] = [statement[name], statement[`Not${name}`]];
  if (plain !== undefined && negated !== undefined)
    throw new Refusal(`a statement has ${name} and Not${name}`);
  if (plain === undefined && negated === undefined) return undefined;
  return { negated: plain === undefined, texts: textsOf(plain ?? negated) };
}

/** A statement whose variables have no value does not match. */
function needed(
  texts: readonly string[],
  place: string,
  { atoms }: Reading,
  { on }: Variables,
): readonly Clause[] {
  return (on ? neededKeys(texts) : []).map((field, i) => [
    atoms.literal(`${place}.v${i}`, { kind: 'present', field }),
  ]);
}

/** `where` if the open question is read that way, else `otherwise`. */
function readings(
  name: string,
  { atoms }: Reading,
  where: readonly Clause[],
  otherwise: readonly Clause[],
): readonly Clause[] {
  const open = atoms.literal(`reading.${name}`, { kind: 'reading', field: name });
  return [...where.map((clause) => [...clause, not(open)]), ...otherwise.map((clause) => [...clause, open])];
}

function ofTest(test: Test, place: string, reading: Reading, variables: Variables): readonly Clause[] {
  const { key: field, operator, set, ifExists, values } = test;
  const said = operator === 'null' ? {} : languageOf(test, variables);
  const atom = (kind: Atom['kind'], part: string, more: Partial<Atom> = said): Literal =>
    reading.atoms.literal(`${place}.${part}`, { kind, field, ...more });
  const isMulti = reading.keys.isMulti(field);
  const filled = (): Literal => atom('some', 'filled', { patterns: [ANY] });
  const present = (negated: boolean): readonly Clause[] => {
    const [there, any] = [atom('present', 'present', {}), isMulti ? filled() : 0];
    if (!isMulti) return [[negated ? not(there) : there]];
    return readings('empty-set', reading, [[negated ? not(any) : any]], [[negated ? not(there) : there]]);
  };
  if (operator === 'null') {
    const wanted = values.map((value) => value.toLowerCase());
    const [missing, there] = [wanted.includes('true'), wanted.includes('false')];
    return missing && there ? [] : missing || there ? present(missing) : [[]];
  }
  const isNegated = operator.includes('not');
  const body = (): readonly Clause[] => {
    if (!isMulti) {
      const within = atom('in', 'in');
      if (set === 'foranyvalue' && isNegated) return [...present(false), [not(within)]];
      if (set === 'forallvalues' && !isNegated) return present(true).map((clause) => [...clause, within]);
      return [[isNegated ? not(within) : within]];
    }
    const some = (): Literal => atom('some', 'some');
    const beyond = (): Literal => atom('beyond', 'outside');
    if (set === 'foranyvalue') return [[isNegated ? beyond() : some()]];
    if (set === 'forallvalues') return [[not(isNegated ? some() : beyond())]];
    const all = isNegated ? [[not(filled()), beyond()]] : [[filled()], [not(beyond())]];
    return readings('plain-multi', reading, all, [[isNegated ? not(some()) : some()]]);
  };
  const presence = /^(string|arn)/.test(operator) ? needed(values, place, reading, variables) : [];
  const isOpen = isNegated && presence.length > 0;
  // Without a value for a variable, a negated test holds in one reading, whatever the key's value is.
  const decided = isOpen ? body().map((clause) => [...clause, ...presence.flat().map(not)]) : body();
  const clauses = [
    ...decided,
    ...(isOpen ? readings('unresolved-negated', reading, [], presence) : presence),
  ];
  return ifExists
    ? clauses.flatMap((clause) => present(true).map((other) => [...clause, ...other]))
    : clauses;
}

function languageOf({ operator, values }: Test, variables: Variables): Partial<Atom> {
  if (operator.endsWith('ipaddress')) return { theory: 'address', ranges: values.map(readPrefix) };
  if (!/^(numeric|date)/.test(operator))
    return { patterns: values.flatMap((text) => lexValue(operator, text, variables)) };
  const theory = operator.startsWith('date') ? 'date' : 'number';
  const read = (text: string) => readRange(operator, text) ?? [];
  return {
    theory,
    ranges: values.flatMap(read),
    vague: values.filter((text) => readRange(operator, text) === undefined),
  };
}

/** `Principal` as texts: ARNs, `service|name`, `federated|name`, `canonical|id`, `anonymous|`. */
function ofPrincipal(raw: unknown, negated: boolean, place: string, reading: Reading): readonly Clause[] {
  const named = (name: string): readonly string[] => (raw === '*' ? [] : textsOf(rawOf(raw)[name] ?? []));
  const aws = named('AWS').filter((name) => name !== '*');
  const listed = (roots: boolean): Union => [
    ...aws.flatMap((name) => ofAws(name, roots, reading)),
    ...named('Service').map((name) =>
      name === '*' ? sketch('service|*') : units(`service|${name.toLowerCase()}`),
    ),
    ...named('Federated').map((name) => units(`federated|${name}`)),
    ...named('CanonicalUser').map((id) => units(`canonical|${id}`)),
  ];
  const clause = (part: string, patterns: Union): readonly Clause[] => {
    const literal = reading.atoms.literal(`${place}.${part}`, { kind: 'in', field: 'principal', patterns });
    return [[negated ? not(literal) : literal]];
  };
  if (raw === '*') return clause('everyone', [ANY]);
  if (aws.length < named('AWS').length) {
    const people = ['arn:*', 'anonymous|*', 'federated|*', 'canonical|*'].map(sketch);
    return readings(
      'star-service',
      reading,
      clause('everyone', [ANY]),
      clause('unserviced', [...people, ...listed(false)]),
    );
  }
  if (!negated || !aws.some((name) => ACCOUNT.test(name))) return clause('listed', listed(false));
  return readings(
    'account-notprincipal',
    reading,
    clause('listed', listed(false)),
    clause('roots', listed(true)),
  );
}

const ACCOUNT = /^(?:arn:([^:]*):iam::(\d{12}):root|(\d{12}))$/;

function ofAws(name: string, roots: boolean, { variables }: Reading): readonly Pattern[] {
  const [, partition = '+', owner, bare] = ACCOUNT.exec(name) ?? [];
  const account = owner ?? bare;
  if (account !== undefined) {
    const ends = roots ? [`iam::${account}:root`] : [`iam::${account}:*`, `sts::${account}:*`];
    return ends.map((end) => sketch(`arn:${partition}:${end}`));
  }
  const [, head, id, role] = /^(arn:[^:]*):iam::([^:]*):role\/(?:.*\/)?([^/]*)$/.exec(name) ?? [];
  if (head !== undefined)
    return [units(name), [...units(`${head}:sts::${id}:assumed-role/${role}/`), ...ANY]];
  return [name.startsWith('arn:') ? units(name) : opaque(`id ${name}`, variables)];
}
