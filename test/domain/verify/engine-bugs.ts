import type { WrittenPolicy, WrittenStatement } from '../../campaign/policies.js';

/** A policy as an engine with a bug reads it. */
type Misreading = (policy: WrittenPolicy) => WrittenPolicy;
type EachStatement = (statement: WrittenStatement) => WrittenStatement | undefined;

const statements =
  (change: EachStatement): Misreading =>
  (policy) => ({
    ...policy,
    Statement: policy.Statement.flatMap((each) => change(structuredClone(each)) ?? []),
  });
const allows = (change: EachStatement): Misreading =>
  statements((each) => (each.Effect === 'Allow' ? change(each) : each));
const denies = (change: EachStatement): Misreading =>
  statements((each) => (each.Effect === 'Deny' ? change(each) : each));

type List = 'Action' | 'NotAction' | 'Resource' | 'NotResource';
const lists =
  (names: readonly List[], change: (values: string[]) => string[]): EachStatement =>
  (each) => {
    for (const name of names) {
      const values = each[name];
      if (values !== undefined) each[name] = change(values);
    }
    return each;
  };
const texts = (names: readonly List[], from: RegExp, to: string): EachStatement =>
  lists(names, (values) => values.map((text) => text.replace(from, to)));
const first = (values: string[]): string[] => values.slice(0, 1);

/** Changes a test; undefined drops it. */
type EachTest = (operator: string, key: string, values: string[]) => readonly [string, string[]] | undefined;
const tests =
  (change: EachTest): EachStatement =>
  (each) => {
    const block: NonNullable<WrittenStatement['Condition']> = {};
    for (const [operator, keys] of Object.entries(each.Condition ?? {})) {
      for (const [key, values] of Object.entries(keys)) {
        const [name, kept] = change(operator, key, values) ?? [];
        if (name !== undefined && kept !== undefined) block[name] = { ...block[name], [key]: kept };
      }
    }
    const { Condition: _, ...rest } = each;
    return { ...rest, ...(Object.keys(block).length > 0 && { Condition: block }) };
  };
const operators = (from: RegExp, to: string): EachStatement =>
  tests((operator, _, values) => [operator.replace(from, to), values]);
const values = (from: RegExp, to: string, of = /./): EachStatement =>
  tests((operator, _, all) => [
    operator,
    of.test(operator) ? all.map((text) => text.replace(from, to)) : all,
  ]);
const without = (of: RegExp): EachStatement =>
  tests((operator, _, all) => (of.test(operator) ? undefined : [operator, all]));
const withNull =
  (of: RegExp): EachStatement =>
  (each) => {
    const keys = Object.entries(each.Condition ?? {})
      .filter(([operator]) => of.test(operator))
      .flatMap(([, tested]) => Object.keys(tested));
    if (keys.length === 0) return each;
    const there = Object.fromEntries(keys.map((key) => [key, ['false']]));
    return { ...each, Condition: { ...each.Condition, Null: { ...there, ...each.Condition?.['Null'] } } };
  };
const unconditional: EachStatement = ({ Condition: _, ...each }) => each;
const NOBODY = 'arn:aws:iam::999999999999:user/nobody';
const named = (principal: unknown): Record<string, unknown> =>
  typeof principal === 'object' && principal !== null ? { ...principal } : {};

/** Bugs by which the engine takes a reference to allow more than it does. */
const REFERENCE: readonly (readonly [string, Misreading])[] = [
  ['every Deny is overlooked', denies(() => undefined)],
  [
    'a Deny with conditions is overlooked',
    denies((each) => (each.Condition === undefined ? each : undefined)),
  ],
  ['a Deny of NotAction is overlooked', denies((each) => (each.NotAction === undefined ? each : undefined))],
  [
    'a Deny of NotResource is overlooked',
    denies((each) => (each.NotResource === undefined ? each : undefined)),
  ],
  [
    'a Deny of NotPrincipal is overlooked',
    denies((each) => (each.NotPrincipal === undefined ? each : undefined)),
  ],
  ['of a Deny only the first action counts', denies(lists(['Action'], first))],
  ['of a Deny only the first resource counts', denies(lists(['Resource'], first))],
  ['of a Deny only the first value counts', denies(tests((operator, _, all) => [operator, first(all)]))],
  ['wildcards of a Deny end at a slash', denies(texts(['Resource'], /\/\*$/, '/x'))],
  ['conditions are overlooked', allows(unconditional)],
  ['negated operators hold always', allows(without(/Not/))],
  ['positive operators hold always', allows(without(/^(String|Arn)(?!Not)/))],
  ['numbers are not compared', allows(without(/Numeric/))],
  ['dates are not compared', allows(without(/Date/))],
  ['addresses are not compared', allows(without(/IpAddress/))],
  ['sets are not looked at', allows(without(/ForA/))],
  ['Null holds always', allows(without(/Null/))],
  ['Bool holds always', allows(without(/Bool/))],
  [
    'a missing key satisfies every operator',
    allows(operators(/^(?!Null)((?:ForAnyValue:|ForAllValues:)?[A-Za-z]+?)(?:IfExists)?$/, '$1IfExists')),
  ],
  [
    'any of a set is enough where all are asked',
    allows(operators(/^ForAnyValue:(\w+?)(IfExists)?$/, 'ForAllValues:$1')),
  ],
  ['less is less or equal', allows(operators(/LessThan(Equals)?/, 'LessThanEquals'))],
  ['greater is greater or equal', allows(operators(/GreaterThan(Equals)?/, 'GreaterThanEquals'))],
  ['case does not count', allows(operators(/^StringEquals$/, 'StringEqualsIgnoreCase'))],
  ['a network is one bit wider', allows(values(/\/(\d+)$/, '/1', /^IpAddress/))],
  ['the single address is a network', allows(values(/^10\.1\.2\.3$/, '10.1.0.0/16', /^IpAddress/))],
  ['a question mark is a star in values', allows(values(/\?/, '*', /Like$/))],
  ['a value is a prefix', allows(values(/^([a-z]+)$/i, '$1*', /^StringLike/))],
  ['a question mark is a star in actions', allows(texts(['Action'], /\?/, '*'))],
  ['an action is a prefix', allows(texts(['Action'], /([a-z])$/i, '$1*'))],
  ['only the service of an action counts', allows(texts(['Action'], /^(\w+):.*$/, '$1:*'))],
  [
    'NotAction is everything',
    allows(({ NotAction, ...each }) => (NotAction === undefined ? each : { ...each, Action: ['*'] })),
  ],
  [
    'NotResource is everything',
    allows(({ NotResource, ...each }) => (NotResource === undefined ? each : { ...each, Resource: ['*'] })),
  ],
  ['a resource is a prefix', allows(texts(['Resource'], /([a-z0-9])$/, '$1*'))],
  ['a question mark is a star in resources', allows(texts(['Resource'], /\?/, '*'))],
  ['accounts in resources are not compared', allows(texts(['Resource'], /:\d{12}:/, ':*:'))],
  ['regions are not compared', allows(texts(['Resource'], /:us-[a-z0-9*-]+:/, ':*:'))],
  ['policy variables stand for anything', allows(texts(['Resource'], /\$\{aws:[^}]*\}/, '*'))],
  [
    'everybody is the principal',
    allows((each) => (each.Principal === undefined ? each : { ...each, Principal: '*' })),
  ],
  [
    'the account stands for its users',
    allows((each) => ({
      ...each,
      ...(/user\/alice/.test(JSON.stringify(each.Principal ?? '')) && { Principal: { AWS: '111122223333' } }),
    })),
  ],
];

/** Bugs by which the engine takes a candidate to allow less than it does. */
const CANDIDATE: readonly (readonly [string, Misreading])[] = [
  ['only the first statement counts', (policy) => ({ ...policy, Statement: policy.Statement.slice(0, 1) })],
  ['only the first action counts', allows(lists(['Action'], first))],
  ['only the first resource counts', allows(lists(['Resource'], first))],
  ['only the first value counts', allows(tests((operator, _, all) => [operator, first(all)]))],
  ['missing keys are overlooked by negated operators', allows(withNull(/Not/))],
  ['missing keys are overlooked by IfExists', allows(withNull(/IfExists$/))],
  ['missing keys are overlooked by ForAllValues', allows(withNull(/^ForAllValues/))],
  [
    'all of a set is taken for any of it',
    allows(operators(/^ForAllValues:(\w+?)(IfExists)?$/, 'ForAnyValue:$1')),
  ],
  ['less or equal is less', allows(operators(/LessThanEquals/, 'LessThan'))],
  ['a network is narrower', allows(values(/\/8$/, '/9', /^IpAddress/))],
  [
    'IPv6 is overlooked',
    allows(
      tests((operator, _, all) => [
        operator,
        operator.startsWith('IpAddress') ? all.filter((text) => !text.includes(':')).concat('10.0.0.1') : all,
      ]),
    ),
  ],
  ['a star is one character', allows(texts(['Action', 'Resource'], /\*$/, '?'))],
  ['a Deny has no conditions', denies(unconditional)],
  [
    'a Deny is for everything',
    denies(({ Action: _, NotAction: __, ...each }) => ({ ...each, Action: ['*'] })),
  ],
  [
    'a Deny is on everything',
    denies(({ Resource, NotResource, ...each }) => ({
      ...each,
      ...((Resource ?? NotResource) !== undefined && { Resource: ['*'] }),
    })),
  ],
  ['an Allow without a match is none', allows((each) => (each.Condition === undefined ? each : undefined))],
  [
    'only the first kind of principal counts',
    allows((each) => ({
      ...each,
      ...(Object.keys(named(each.Principal)).length > 1 && {
        Principal: Object.fromEntries(Object.entries(named(each.Principal)).slice(0, 1)),
      }),
    })),
  ],
  [
    'services are overlooked',
    allows((each) => ({
      ...each,
      ...('Service' in named(each.Principal) && { Principal: { AWS: NOBODY } }),
    })),
  ],
];

/** Fifty and more bugs: on which side, what, and how. */
export const ENGINE_BUGS: readonly (readonly [what: string, side: 'reference' | 'candidate', Misreading])[] =
  [
    ...REFERENCE.map(([what, misread]) => [`the reference: ${what}`, 'reference', misread] as const),
    ...CANDIDATE.map(([what, misread]) => [`the candidate: ${what}`, 'candidate', misread] as const),
  ];
