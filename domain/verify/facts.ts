import {
  ANY,
  folded,
  isStar,
  isVariable,
  maskOf,
  one,
  type Pattern,
  sketch,
  star,
  type Union,
  units,
} from './language.js';

/** A demand on a field: languages within which and outside which its value is, a value that its set has, presence. */
export interface Demand {
  field: string;
  within?: Union;
  outside?: Union;
  some?: Union;
  present?: boolean;
}
/** What literals say of one key: unions that its value is in, unions that it is not in, whether it is there. */
export interface Said {
  within: readonly Union[];
  outside: readonly Union[];
  there: boolean;
  missing: boolean;
}
type Bounds = readonly [upper: Union, lower: Union];

/** A key's patterns as a part of longer texts; a value that holds a separator itself is in none of them. */
function inside(union: Union, mask: number, heads: readonly string[], tail: string, keep = /^/): Bounds {
  const plain = union.filter((p) => !p.some((t) => isVariable(t) || t === 58 || t === 47));
  const strict = (t: number): number =>
    t >= 0 ? t : isStar(t) ? star(maskOf(t) | mask) : one(maskOf(t) | mask);
  const build = (p: Pattern): Union =>
    heads.map((head) => [...sketch(head), ...p.map(strict), ...sketch(tail)]);
  const upper = union.some((p) => p.some(isVariable)) ? [ANY] : plain.flatMap(build);
  return [
    upper,
    plain.filter((p) => keep.test(String.fromCharCode(...p.filter((t) => t >= 0)))).flatMap(build),
  ];
}

/** `aws:PrincipalArn` as principals: the ARN itself, and the sessions of a role, which leave its path out. */
function callersOf(pattern: Pattern): Bounds {
  const colons = pattern.flatMap((token, i) => (token === 58 ? [i] : []));
  const [second = 0, third = 0, last = 0] = [colons[1], colons[2], colons[4]];
  const early = pattern.slice(0, last);
  const isIam = last > 0 && pattern.slice(second + 1, third).join() === units('iam').join();
  if (!isIam || early.some((t) => t === star() || isVariable(t)))
    return [[pattern, sketch('arn:+:sts::+:assumed-role/*')], []];
  const head = [
    ...pattern.slice(0, second + 1),
    ...units('sts'),
    ...pattern.slice(third, last + 1),
    ...units('assumed-role/'),
  ];
  const rest = pattern.slice(last + 1);
  const all = [pattern, [...head, ...ANY]];
  if (rest.some((t) => t < 0 || t > 0xffff)) {
    const isEvery = rest.join() === ANY.join() || rest.join() === sketch('role/*').join();
    return [all, isEvery ? all : rest.some(isVariable) ? [] : [pattern]];
  }
  const [, role] = /^role\/(?:.*\/)?([^/]*)$/s.exec(String.fromCharCode(...rest)) ?? [];
  const exact = role === undefined ? [pattern] : [pattern, [...head, ...units(`${role}/`), ...ANY]];
  return [exact, exact];
}

const KINDS: readonly (readonly [string, string])[] = [
  ...([
    ['Account', 'arn:+:iam::+:root'],
    ['User', 'arn:+:iam::+:user/*'],
    ['FederatedUser', 'arn:+:sts::+:federated-user/*'],
  ] as const),
  ...([
    ['AssumedRole', 'arn:+:iam::+:role/*'],
    ['AssumedRole', 'arn:+:sts::+:assumed-role/*'],
    ['Anonymous', 'anonymous|*'],
  ] as const),
];
const WITH_ACCOUNT: Pattern = [
  ...sketch('arn:+:+:+:'),
  ...Array.from({ length: 12 }, () => one(1)),
  ...sketch(':*'),
];
const ACCOUNTS = ['arn:+:iam::', 'arn:+:sts::'];
const USERS = ['arn:+:iam::+:user/', 'arn:+:iam::+:user/*/'];

/** What follows for other fields from what is said of a key, by one named fact; docs/proof.md has the sources. */
export function derive(
  fact: string,
  key: string,
  said: Said,
  has: (union: Union, text: string) => boolean,
): Demand[] {
  const { there, missing } = said;
  const to = (field: string, bounds: (union: Union) => Bounds, isSure = true): Demand[] => [
    ...said.within.map((union) => ({ field, within: bounds(union)[0] })),
    ...(isSure ? said.outside.map((union) => ({ field, outside: bounds(union)[1] })) : []),
  ];
  const caller = [
    there
      ? { field: 'principal', within: [sketch('arn:*')] }
      : missing
        ? { field: 'principal', outside: [sketch('arn:*')] }
        : [],
  ].flat();
  const [, tag] = /^(?:aws:requesttag\/|(?!aws:)[a-z0-9-]+:(?=resourcetag\/.))(.+)$/s.exec(key) ?? [];
  switch (`${fact} ${tag === undefined ? key : ''}`) {
    case 'principal-arn aws:principalarn':
      return [
        ...to('principal', (union) => [
          union.flatMap((p) => callersOf(p)[0]),
          union.flatMap((p) => callersOf(p)[1]),
        ]),
        ...caller,
      ];
    case 'principal-account aws:principalaccount':
      return [...to('principal', (union) => inside(union, 1, ACCOUNTS, ':*')), ...caller];
    case 'principal-type aws:principaltype':
      return to('principal', (union) => {
        const kinds = (vague: boolean): Union =>
          KINDS.flatMap(([kind, arn]) => (vague || has(union, kind) ? [sketch(arn)] : []));
        return [kinds(union.some((p) => p.some(isVariable))), kinds(false)];
      });
    case 'principal-username aws:username': {
      const user = there
        ? { within: [sketch(`${USERS[0]}*`)] }
        : missing
          ? { outside: [sketch(`${USERS[0]}*`)] }
          : {};
      return [...to('principal', (union) => inside(union, 3, USERS, '')), { field: 'principal', ...user }];
    }
    case 'resource-account aws:resourceaccount': {
      const free = [sketch('arn:+:+:+::*'), units('*')];
      const digits = (union: Union): Bounds => inside(union, 1, ['arn:+:+:+:'], ':*', /^\d+$/);
      const none = missing ? [{ field: 'resource', outside: [WITH_ACCOUNT] }] : [];
      return [...to('resource', (union) => [[...digits(union)[0], ...free], digits(union)[1]]), ...none];
    }
    case 'organisation-paths aws:principalorgid':
      return to('aws:principalorgpaths', (union) => inside(union, 2, [''], '/*'), there);
    case 'vpc-endpoint aws:sourcevpce':
    case 'vpc-endpoint aws:sourcevpc': {
      const other = { field: key === 'aws:sourcevpc' ? 'aws:sourcevpce' : 'aws:sourcevpc', present: there };
      return there ? [other, { field: 'aws:sourceip', present: false }] : missing ? [other] : [];
    }
    case 'listing-prefix s3:prefix':
      return there
        ? [{ field: 'action', within: [units('s3:listbucket'), units('s3:listbucketversions')] }]
        : [];
    case 'request-tag-keys ': {
      const name = [folded(tag ?? '')];
      const isPlain = key.startsWith('aws:requesttag/') && !/[^\x20-\x7e]/.test(key);
      return !isPlain
        ? []
        : there
          ? [{ field: 'aws:tagkeys', some: name }]
          : missing
            ? [{ field: 'aws:tagkeys', outside: name }]
            : [];
    }
    case 'resource-tag ':
      if (key.startsWith('aws:') || !there) return [];
      return [
        { field: `aws:${tag}`, present: true },
        ...to(`aws:${tag}`, (union) => [union, union.filter((p) => !p.some(isVariable))]),
      ];
    default:
      return [];
  }
}
