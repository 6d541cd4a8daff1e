import { folded, one, type Pattern, sketch, star, type Union, units } from './language.js';
import type { Range } from './values.js';

/** A fact about a request: its field's value is in a language, some value of its set is in it or beyond it, … */
export interface Atom {
  kind: 'in' | 'some' | 'beyond' | 'present' | 'reading';
  field: string;
  theory: 'text' | 'number' | 'date' | 'address';
  patterns: Union;
  ranges: readonly Range[];
  /** Values that may mean anything, so that the ranges only bound the language from below. */
  vague: readonly string[];
}
/** Twice the atom's number, plus one when negated. */
export type Literal = number;
export const not = (literal: Literal): Literal => literal ^ 1;

/** The atoms of one question; those that say the same are one, and each goes by every place where it stands. */
export class Atoms {
  readonly list: Atom[] = [];
  readonly places = new Map<string, number>();
  readonly #numbers = new Map<string, number>();

  literal(place: string, said: Pick<Atom, 'kind' | 'field'> & Partial<Atom>): Literal {
    const atom: Atom = { theory: 'text', patterns: [], ranges: [], vague: [], ...said };
    const texts = [...new Set(atom.patterns.map((pattern) => pattern.join()))].sort();
    const ranges = atom.ranges.map((range) => Object.values(range).join()).sort();
    const key = JSON.stringify([atom.kind, atom.field, atom.theory, texts, ranges, [...atom.vague].sort()]);
    const number = this.#numbers.get(key) ?? this.list.push(atom) - 1;
    this.#numbers.set(key, number);
    this.places.set(place, number);
    return 2 * number;
  }
}

const some = [one(1), star(1)];
const rest = [one(), star()];
const caller = (service: string, ...tail: readonly number[]): Pattern => [
  ...[
    ...units('arn:'),
    ...some,
    ...units(`:${service}::`),
    ...Array.from({ length: 12 }, () => one(1)),
    ...tail,
  ],
];
const DOMAINS: ReadonlyMap<string, Union> = new Map<string, Union>([
  ['action', [[...some, 58, ...some]]],
  ['resource', [units('*'), [...units('arn:'), ...some, 58, ...some, ...sketch(':+:+:'), ...rest]]],
  [
    'principal',
    [
      ...[caller('iam', ...units(':root')), caller('iam', ...units(':user/'), ...rest)],
      ...[caller('iam', ...units(':role/'), ...rest), caller('sts', ...units(':federated-user/'), ...rest)],
      caller('sts', ...units(':assumed-role/'), ...rest, 47, ...rest),
      ...[[...units('service|'), ...rest], ...['federated|*', 'canonical|*', 'anonymous|'].map(sketch)],
    ],
  ],
  ['bool', [folded('true'), folded('false')]],
  ['arn', [sketch('arn:+:+:+:+:*')]],
]);

const MULTI =
  /^(aws:(calledvia|(principal|resource|source|vpce)orgpaths|principalservicenameslist|tagkeys)|dynamodb:(attributes|leadingkeys)|kms:encryptioncontextkeys|s3:requestobjecttagkeys|sts:transitivetagkeys|cognito-identity\.amazonaws\.com:amr)$/;
const SINGLE =
  /^aws:(currenttime|epochtime|principal(account|arn|isawsservice|orgid|type)|referer|requestedregion|resource(account|orgid)|securetransport|source(account|arn|identity|ip|orgid|vpc|vpce)|tokenissuetime|user(agent|id|name)|viaawsservice|vpcsourceip|multifactorauth(age|present)|calledvia(first|last)|(principal|request|resource)tag\/.*)$/s;
const BOOLEAN = /^aws:(multifactorauthpresent|principalisawsservice|securetransport|viaawsservice)$/;

/** What the conditions of all documents together say of their keys: which are sets, and which type each has. */
export class Keys {
  readonly #sets = new Set<string>();
  readonly #types = new Map<string, Set<string>>();

  note(key: string, operator: string, isSet: boolean): void {
    if (isSet) this.#sets.add(key);
    const type = /numeric|date|arn|bool|ipaddress/.exec(operator)?.[0] ?? 'text';
    if (operator !== 'null') this.#types.set(key, (this.#types.get(key) ?? new Set()).add(type));
  }
  isMulti(key: string): boolean {
    return key.includes(':') && (MULTI.test(key) || (this.#sets.has(key) && !SINGLE.test(key)));
  }
  /** The type by which the key is asked, if it is one. */
  only(key: string): string | undefined {
    const types = [...(this.#types.get(key) ?? [])];
    return types.length === 1 ? types[0] : undefined;
  }
  domain(field: string): Union | undefined {
    return DOMAINS.get(BOOLEAN.test(field) ? 'bool' : field.includes(':') ? (this.only(field) ?? '') : field);
  }
}
