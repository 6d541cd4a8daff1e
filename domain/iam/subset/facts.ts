import { type AtomTable, atomOf, type Field, isNegative, type Language, type Literal } from './atoms.js';
import { compileString } from './compile-text.js';
import {
  ANY_USER,
  accountInPrincipal,
  accountInResource,
  arnInPrincipal,
  type Bounds,
  organisationInPaths,
  sketch,
  textOf,
  typeInPrincipal,
  userInPrincipal,
  WITH_ACCOUNT,
} from './fact-languages.js';
import { literalPattern, type TextPattern } from './pattern-language.js';
import { matchesText } from './pattern-relations.js';
import { bothDemands, type Extra, NO_DEMAND, type Theory } from './theory.js';

/**
 * Facts by which parts of a request depend on each other. They narrow what a request may be, so an answer names
 * those that it rests on; docs/proof.md gives each its source.
 */
export const FACTS = {
  'principal-arn': 'aws:PrincipalArn is the ARN of the principal, and for a session that of its role',
  'principal-account': 'aws:PrincipalAccount is the account in the ARN of the principal',
  'principal-type': 'aws:PrincipalType follows from the ARN of the principal',
  'principal-username': 'aws:username is there exactly for IAM users, and is the name in their ARN',
  'resource-account': 'aws:ResourceAccount is the account in the ARN of the resource, where that has one',
  'request-tag-keys': 'aws:RequestTag/k is there exactly when aws:TagKeys holds k',
  'resource-tag': 'a service’s ResourceTag/k and aws:ResourceTag/k are the same tag',
  'epoch-time': 'aws:EpochTime and aws:CurrentTime are the same time',
  'organisation-paths': 'aws:PrincipalOrgPaths begin with aws:PrincipalOrgID',
  'vpc-endpoint':
    'a request by way of a VPC endpoint has aws:SourceVpc and aws:SourceVpce and no aws:SourceIp',
  'listing-prefix': 's3:prefix is there only when s3:ListBucket or s3:ListBucketVersions is asked',
} as const;
export type Fact = keyof typeof FACTS;

/** A demand on one field that follows from the literals of another. */
export interface Derived {
  fact: Fact;
  field: Field;
  demand: Extra;
  /** The field that it follows from. */
  source: Field;
}

/** What the literals say of one key. */
interface Said {
  key: Field;
  within: readonly (readonly TextPattern[])[];
  outside: readonly (readonly TextPattern[])[];
  there: boolean;
  missing: boolean;
  /** The demand in the theory of time, for a key that holds one. */
  time: Extra;
}

type Derive = (said: Said) => Demands;

const inAccount = textOf([sketch('arn:*')]);

type Demands = readonly { field: Field; demand: Extra }[];

function bounded(field: Field, said: Said, bounds: (patterns: readonly TextPattern[]) => Bounds): Demands {
  return [
    ...said.within.map((patterns) => ({
      field,
      demand: { within: [textOf(bounds(patterns).upper)], outside: [] },
    })),
    ...said.outside.map((patterns) => ({
      field,
      demand: { within: [], outside: [textOf(bounds(patterns).lower)] },
    })),
  ];
}

const outside = (patterns: readonly TextPattern[]): Extra => ({ within: [], outside: [textOf(patterns)] });
const within = (patterns: readonly TextPattern[]): Extra => ({ within: [textOf(patterns)], outside: [] });
const presence = (present: boolean): Extra => ({ ...NO_DEMAND, present });

const BY_KEY: ReadonlyMap<string, readonly [Fact, Derive]> = new Map<string, readonly [Fact, Derive]>([
  [
    'aws:principalarn',
    ['principal-arn', (said) => [...bounded('principal', said, arnInPrincipal), ...ofCaller(said)]],
  ],
  [
    'aws:principalaccount',
    ['principal-account', (said) => [...bounded('principal', said, accountInPrincipal), ...ofCaller(said)]],
  ],
  [
    'aws:principaltype',
    [
      'principal-type',
      (said) =>
        bounded('principal', said, (patterns) =>
          typeInPrincipal((type) =>
            patterns.some((pattern) => matchesText(pattern, type) || isVague(pattern)),
          ),
        ),
    ],
  ],
  ['aws:username', ['principal-username', ofUser]],
  ['aws:epochtime', ['epoch-time', (said) => [{ field: 'aws:currenttime', demand: said.time }]]],
  [
    'aws:resourceaccount',
    [
      'resource-account',
      (said) => [
        ...bounded('resource', said, accountInResource),
        ...(said.missing ? [{ field: 'resource', demand: outside([WITH_ACCOUNT]) }] : []),
      ],
    ],
  ],
  [
    'aws:principalorgid',
    [
      'organisation-paths',
      (said) =>
        bounded('aws:principalorgpaths', said.there ? said : { ...said, outside: [] }, organisationInPaths),
    ],
  ],
  ['aws:sourcevpce', ['vpc-endpoint', (said) => viaEndpoint(said, 'aws:sourcevpc')]],
  ['aws:sourcevpc', ['vpc-endpoint', (said) => viaEndpoint(said, 'aws:sourcevpce')]],
  [
    's3:prefix',
    [
      'listing-prefix',
      (said) =>
        said.there
          ? [
              {
                field: 'action',
                demand: within(['s3:listbucket', 's3:listbucketversions'].map(literalPattern)),
              },
            ]
          : [],
    ],
  ],
]);

function isVague({ opaque, hasVariables }: TextPattern): boolean {
  return opaque || hasVariables;
}

function ofCaller({ there, missing }: Said): Demands {
  if (there) return [{ field: 'principal', demand: { within: [inAccount], outside: [] } }];
  return missing ? [{ field: 'principal', demand: { within: [], outside: [inAccount] } }] : [];
}

function ofUser(said: Said): Demands {
  const derived = [...bounded('principal', said, userInPrincipal)];
  if (said.there) derived.push({ field: 'principal', demand: within([ANY_USER]) });
  if (said.missing) derived.push({ field: 'principal', demand: outside([ANY_USER]) });
  return derived;
}

function viaEndpoint({ there, missing }: Said, other: Field): Demands {
  if (missing) return [{ field: other, demand: presence(false) }];
  if (!there) return [];
  return [
    { field: other, demand: presence(true) },
    { field: 'aws:sourceip', demand: presence(false) },
  ];
}

/** Facts about a family of keys. */
function ofFamily(said: Said): readonly [Fact, Demands] | undefined {
  const { key, there, missing } = said;
  if (key.startsWith('aws:requesttag/')) {
    const name = compileString(key.slice('aws:requesttag/'.length), 'fold', { variables: undefined });
    if (there)
      return [
        'request-tag-keys',
        [{ field: 'aws:tagkeys', demand: { ...NO_DEMAND, some: [textOf([name])] } }],
      ];
    return missing ? ['request-tag-keys', [{ field: 'aws:tagkeys', demand: outside([name]) }]] : undefined;
  }
  const tag = /^(?!aws:)[a-z0-9-]+:(resourcetag\/.+)$/s.exec(key)?.[1];
  if (tag === undefined) return undefined;
  const field = `aws:${tag}`;
  const known = there ? said : { ...said, outside: [] };
  const same = bounded(field, known, (patterns) => ({
    upper: patterns,
    lower: patterns.filter((pattern) => !isVague(pattern)),
  }));
  return ['resource-tag', there ? [...same, { field, demand: presence(true) }] : same];
}

/** Everything that follows from the literals by facts, field by field. */
export function derive(fields: ReadonlyMap<Field, readonly Literal[]>, table: AtomTable): readonly Derived[] {
  const derived: Derived[] = [];
  for (const [key, literals] of fields) {
    const said = saidOf(key, literals, table);
    const known = BY_KEY.get(key);
    const [fact, demands] = known === undefined ? (ofFamily(said) ?? []) : [known[0], known[1](said)];
    if (fact === undefined || demands === undefined) continue;
    for (const { field, demand } of demands) derived.push({ fact, field, demand, source: key });
  }
  return derived;
}

function saidOf(key: Field, literals: readonly Literal[], table: AtomTable): Said {
  const within: (readonly TextPattern[])[] = [];
  const outside: (readonly TextPattern[])[] = [];
  const times = { within: [] as Language[], outside: [] as Language[] };
  let there = false;
  let missing = false;
  for (const literal of literals) {
    const atom = table.atoms[atomOf(literal)];
    const holds = !isNegative(literal);
    if (atom?.kind === 'present' && holds) there = true;
    if (atom?.kind === 'present' && !holds) missing = true;
    if (atom?.kind !== 'in') continue;
    if (holds) there = true;
    if (atom.language.theory === 'text') (holds ? within : outside).push(atom.language.union.patterns);
    else (holds ? times.within : times.outside).push(inMilliseconds(atom.language));
  }
  return { key, within, outside, there, missing, time: times };
}

/** A range of epoch seconds as one of instants. */
function inMilliseconds(language: Language): Language {
  if (language.theory !== 'number') return language;
  const { union } = language;
  const ranges = union.ranges.map((range) => ({ ...range, low: range.low * 1000, high: range.high * 1000 }));
  return { theory: 'date', union: { ...union, key: `s ${union.key}`, ranges } };
}

/** The demands of all facts on each field. */
export function demandsOf(derived: readonly Derived[]): ReadonlyMap<Field, Extra> {
  const demands = new Map<Field, Extra>();
  for (const { field, demand } of derived)
    demands.set(field, bothDemands(demands.get(field) ?? NO_DEMAND, demand));
  return demands;
}

/** Policies that name no principal are attached to IAM principals and speak about no others. */
export const ATTACHED: ReadonlyMap<Field, Extra> = new Map([
  ['principal', { within: [inAccount], outside: [] }],
]);

/** A contradiction that follows by facts: its literals and the facts; undefined when the facts leave the case open. */
export function contradictionByFacts(
  fields: ReadonlyMap<Field, readonly Literal[]>,
  table: AtomTable,
  theory: Theory,
  base: ReadonlyMap<Field, Extra>,
): { literals: readonly Literal[]; facts: readonly Fact[] } | undefined {
  const derived = derive(fields, table);
  for (const field of new Set(derived.map((one) => one.field))) {
    const own = fields.get(field) ?? [];
    const here = derived.filter((one) => one.field === field);
    for (const group of [...here.map((one) => [one]), here]) {
      const demand = bothDemands(demandsOf(group).get(field) ?? NO_DEMAND, base.get(field) ?? NO_DEMAND);
      if (theory.decideWith(field, own, demand).kind !== 'none') continue;
      const sources = [...new Set(group.map((one) => one.source))];
      return {
        literals: [...own, ...sources.flatMap((source) => fields.get(source) ?? [])],
        facts: [...new Set(group.map((one) => one.fact))],
      };
    }
  }
  return undefined;
}
