/** Measures the subset engine on generated families and prints the figures as JSON: `npx tsx bench/subset.ts`. */
import { actionInfo, allActions } from '../domain/iam/catalogue.js';
import { parsePolicy } from '../domain/iam/parse.js';
import { checkSubset } from '../domain/iam/subset/check.js';
import { checkCertificate } from '../domain/verify/certificate.js';

interface Written {
  Version: string;
  Statement: object[];
}
interface Pair {
  candidate: Written;
  reference: Written;
  expected: 'PASS' | 'FAIL';
}

const policy = (...Statement: object[]): Written => ({ Version: '2012-10-17', Statement });
const statement = (
  Effect: string,
  Action: string | string[],
  Resource: string | string[] = '*',
  Condition = {},
): object => ({
  Effect,
  Action,
  Resource,
  Condition,
});
const allow = (action: string | string[], resource: string | string[] = '*', condition = {}): object =>
  statement('Allow', action, resource, condition);
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Version pairs of a managed policy: thousands of actions in a few statements, some added, some removed. */
function managedVersions(): Pair[] {
  const actions = allActions()
    .filter((_, i) => i % 5 === 0)
    .slice(0, 4_054);
  const version = (skip: number): Written => {
    const kept = actions.filter((_, i) => i % skip !== 3);
    const bare = kept.filter((action) => actionInfo(action)?.isWildcardOnly === true);
    return policy(
      allow(kept.filter((action) => !bare.includes(action))),
      allow(bare),
      allow(['s3:Get*', 's3:List*', 'ec2:Describe*']),
    );
  };
  return [101, 211, 307, 401, 503].flatMap((skip): Pair[] => {
    const [old, whole] = [version(skip), version(1_000_000)];
    return [
      { candidate: old, reference: whole, expected: 'PASS' },
      { candidate: whole, reference: old, expected: 'FAIL' },
    ];
  });
}

/** The same actions in one statement and in 300, in order and crosswise; one fewer; with conditions. */
function restructured(): Pair[] {
  const actions = allActions()
    .filter((_, i) => i % 5 === 0)
    .slice(0, 4_200);
  const apart = (part: (action: string, i: number) => number): string[][] =>
    range(300).map((k) => actions.filter((action, i) => part(action, i) === k));
  const crosswise = apart((_, i) => i % 300);
  const inOrder = apart((_, i) => Math.floor(i / 14));
  const whole = policy(allow(actions));
  const tagged = (more: string[], end: string, values: string[]): Written =>
    policy(
      ...inOrder.map((part, i) =>
        allow([...part, ...more], `arn:aws:s3:::b${i}${end}`, {
          StringEquals: { 'aws:ResourceTag/team': [`v${i % 7}`, ...values] },
        }),
      ),
    );
  const each = (parts: string[][]): Written => policy(...parts.map((part) => allow(part)));
  return [
    { candidate: whole, reference: each(crosswise), expected: 'PASS' },
    { candidate: each(crosswise), reference: whole, expected: 'PASS' },
    { candidate: whole, reference: each(inOrder), expected: 'PASS' },
    { candidate: each(inOrder), reference: each(crosswise), expected: 'PASS' },
    { candidate: whole, reference: each(crosswise.slice(1)), expected: 'FAIL' },
    {
      candidate: tagged([], '/*', []),
      reference: tagged(['zz:New'], '*', ['other']),
      expected: 'PASS',
    },
    {
      candidate: policy({ Effect: 'Allow', NotAction: actions, Resource: '*' }),
      reference: policy(allow('*'), statement('Deny', actions)),
      expected: 'PASS',
    },
  ];
}

/** Patterns that nobody writes in good faith. */
function hostile(): Pair[] {
  const stars = (n: number, end: string): Written => policy(allow(`s3:${'*a'.repeat(n)}${end}`));
  return [
    { candidate: stars(2_999, '*b'), reference: stars(3_000, ''), expected: 'FAIL' },
    { candidate: stars(300, '*a'), reference: stars(300, '*'), expected: 'PASS' },
    {
      candidate: policy(allow(`s3:${'?'.repeat(5_000)}`)),
      reference: policy(allow(`s3:${'*?'.repeat(2_500)}`)),
      expected: 'PASS',
    },
  ];
}

/** Policies as people write them, against themselves with a part less or more. */
function everyday(): Pair[] {
  return range(200).flatMap((n): Pair[] => {
    const bucket = `arn:aws:s3:::team-${n % 17}`;
    const parts = [
      allow(['s3:GetObject', 's3:PutObject'], `${bucket}/*`, { Bool: { 'aws:SecureTransport': 'true' } }),
      allow('s3:ListBucket', bucket, { StringLike: { 's3:prefix': [`home/${n}/*`, 'shared/*'] } }),
      allow(['dynamodb:GetItem', 'dynamodb:Query'], `arn:aws:dynamodb:us-east-1:123456789012:table/t${n}`),
      allow('sqs:*', `arn:aws:sqs:*:123456789012:queue-${n}`),
      statement('Deny', '*', '*', { NotIpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '192.0.2.0/24'] } }),
    ];
    const less = parts.filter((_, i) => i !== n % 4);
    return [
      { candidate: policy(...less), reference: policy(...parts), expected: 'PASS' },
      { candidate: policy(...parts), reference: policy(...less), expected: 'FAIL' },
    ];
  });
}

function conditional(): Pair[] {
  const keys = [
    'aws:PrincipalOrgID',
    'aws:RequestedRegion',
    'aws:PrincipalTag/team',
    'aws:SourceVpc',
    'x:key',
  ];
  const statements = range(15).map((n) =>
    allow(['s3:Get*', 's3:Put*'], `arn:aws:s3:::b${n % 3}/*`, {
      StringEquals: { [keys[n % 5] ?? '']: [`v${n}`, `w${n % 4}`] },
      StringNotLike: { [keys[(n + 2) % 5] ?? '']: `z${n % 3}*` },
    }),
  );
  const [whole, less] = [policy(...statements), policy(...statements.slice(1))];
  return [
    { candidate: whole, reference: whole, expected: 'PASS' },
    { candidate: less, reference: whole, expected: 'PASS' },
    { candidate: whole, reference: less, expected: 'FAIL' },
  ];
}

function infixes(): Pair[] {
  const patterns = range(40).map((n) => `*a${n}z*`);
  const like = (values: string[]): Written => policy(allow('s3:*', '*', { StringLike: { 'k:a': values } }));
  const apart = policy(...patterns.map((pattern) => allow('s3:*', '*', { StringLike: { 'k:a': pattern } })));
  return [
    { candidate: like(patterns), reference: apart, expected: 'PASS' },
    { candidate: apart, reference: like(patterns), expected: 'PASS' },
    { candidate: apart, reference: like(patterns.slice(1)), expected: 'FAIL' },
    {
      candidate: policy(
        ...patterns.slice(1).map((p) => statement('Deny', '*', '*', { StringNotLike: { 'k:a': p } })),
        allow('*'),
      ),
      reference: like(['*b*']),
      expected: 'FAIL',
    },
  ];
}

function unionCovers(): Pair[] {
  const ip = (values: string[]): Written =>
    policy(allow('s3:*', '*', { IpAddress: { 'aws:SourceIp': values } }));
  const sixteens = range(256).map((n) => `10.${n}.0.0/16`);
  return [
    {
      candidate: policy(allow('s3:a*')),
      reference: policy(allow('s3:a'), allow('s3:a?*')),
      expected: 'PASS',
    },
    { candidate: ip(['10.0.0.0/8']), reference: ip(sixteens), expected: 'PASS' },
    { candidate: ip(['10.0.0.0/8']), reference: ip(sixteens.filter((_, n) => n !== 77)), expected: 'FAIL' },
    {
      candidate: ip(['10.0.0.0/8']),
      reference: policy(...sixteens.map((net) => allow('s3:*', '*', { IpAddress: { 'aws:SourceIp': net } }))),
      expected: 'PASS',
    },
    {
      candidate: ip(['10.0.0.0/8']),
      reference: policy(
        ...sixteens.slice(1).map((net) => allow('s3:*', '*', { IpAddress: { 'aws:SourceIp': net } })),
      ),
      expected: 'FAIL',
    },
  ];
}

function keysByStatements(): Pair[] {
  const one = (n: number, equals: boolean): object =>
    allow('s3:*', '*', { [equals ? 'StringEquals' : 'StringNotEquals']: { [`k:k${n}`]: 'x' } });
  const all = allow('s3:*', '*', {
    StringEquals: Object.fromEntries(range(12).map((n) => [`k:k${n}`, 'x'])),
  });
  const chain = range(12).map((n) =>
    allow('s3:*', '*', {
      StringEquals: Object.fromEntries(range(n).map((m) => [`k:k${m}`, 'x'])),
      StringNotEquals: { [`k:k${n}`]: 'x' },
    }),
  );
  return [
    { candidate: policy(all), reference: policy(...range(12).map((n) => one(n, true))), expected: 'PASS' },
    { candidate: policy(allow('s3:*')), reference: policy(...chain, all), expected: 'PASS' },
    { candidate: policy(allow('s3:*')), reference: policy(...chain), expected: 'FAIL' },
    {
      candidate: policy(allow('s3:*')),
      reference: policy(...range(12).map((n) => one(n, true))),
      expected: 'FAIL',
    },
  ];
}

function nestedNots(): Pair[] {
  const not = (effect: string, action: string[], resource: string[], condition = {}): object => ({
    ...{ Effect: effect, NotAction: action, NotResource: resource, Condition: condition },
  });
  const buckets = ['arn:aws:s3:::a*', 'arn:aws:s3:::b*'];
  const outer = policy(
    not('Allow', ['iam:*', 'sts:*'], buckets),
    not('Deny', ['s3:*', 'ec2:*'], ['arn:aws:s3:::c*']),
  );
  const inner = policy(
    not('Allow', ['iam:*', 'sts:*', 'kms:*'], buckets),
    not('Deny', ['s3:*'], ['arn:aws:s3:::c*']),
  );
  const secure = { StringNotLike: { 'k:a': ['x*', 'y*'] } };
  return [
    { candidate: inner, reference: outer, expected: 'PASS' },
    { candidate: outer, reference: inner, expected: 'FAIL' },
    {
      candidate: policy(not('Allow', ['iam:*'], ['arn:aws:s3:::a*'], secure)),
      reference: policy(
        not('Allow', ['iam:Get*'], ['arn:aws:s3:::ab*'], { StringNotLike: { 'k:a': 'xy*' } }),
      ),
      expected: 'PASS',
    },
  ];
}

function sets(): Pair[] {
  const tags = (condition: object): Written => policy(allow('ec2:*', '*', condition));
  const key = (values: string[]): object => ({ 'aws:TagKeys': values });
  return [
    {
      candidate: tags({
        'ForAllValues:StringLike': key(['a*', 'b*']),
        'ForAnyValue:StringLike': key(['*x']),
      }),
      reference: tags({ 'ForAnyValue:StringLike': key(['a*x', 'b*x']) }),
      expected: 'PASS',
    },
    {
      candidate: tags({ 'ForAllValues:StringLike': key(['a*', 'b*']) }),
      reference: tags({ 'ForAnyValue:StringLike': key(['a*', 'b*']) }),
      expected: 'FAIL',
    },
    {
      candidate: tags({ 'ForAllValues:StringEquals': key(range(20).map((n) => `t${n}`)) }),
      reference: tags({ 'ForAllValues:StringLike': key(['t?', 't1?']) }),
      expected: 'PASS',
    },
  ];
}

function variables(): Pair[] {
  const home = '/$'.concat('{aws:username}');
  const at = (path: string): Written => policy(allow('s3:*', `arn:aws:s3:::b${path}`));
  return [
    { candidate: at(`${home}/x`), reference: at(`${home}/*`), expected: 'PASS' },
    { candidate: at(`${home}/*`), reference: at('/*'), expected: 'PASS' },
    { candidate: at('/*'), reference: at(`${home}/*`), expected: 'FAIL' },
    { candidate: at(`${home}/*`), reference: at('/bob/*'), expected: 'FAIL' },
  ];
}

interface Figures {
  pairs: number;
  right: number;
  unknown: number;
  wrong: number;
  p50Ms: number;
  p95Ms: number;
  maxMs: number;
  /** Time of the processor, which other work on the machine does not lengthen. */
  maxCpuMs: number;
  certificatesVerified: string;
}

function measure(pairs: readonly Pair[]): Figures {
  const times: number[] = [];
  let maxCpuMs = 0;
  const counts = { right: 0, unknown: 0, wrong: 0, verified: 0, certificates: 0 };
  for (const { candidate, reference, expected } of pairs) {
    const question = {
      candidate: [parsePolicy(candidate, 'identity')],
      reference: [parsePolicy(reference, 'identity')],
    };
    const started = performance.now();
    const before = process.cpuUsage();
    const answer = checkSubset({ ...question, policyType: 'identity', now: () => performance.now() });
    times.push(performance.now() - started);
    const { user, system } = process.cpuUsage(before);
    maxCpuMs = Math.max(maxCpuMs, (user + system) / 1000);
    counts[answer.verdict === expected ? 'right' : answer.verdict === 'UNKNOWN' ? 'unknown' : 'wrong'] += 1;
    if (answer.certificate === undefined) continue;
    counts.certificates += 1;
    checkCertificate(answer.certificate, { candidate, reference, policyType: 'identity' });
    counts.verified += 1;
  }
  times.sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round((times[Math.ceil(times.length * share) - 1] ?? 0) * 100) / 100;
  const { right, unknown, wrong } = counts;
  return {
    ...{ pairs: pairs.length, right, unknown, wrong, p50Ms: at(0.5), p95Ms: at(0.95), maxMs: at(1) },
    maxCpuMs: Math.round(maxCpuMs),
    certificatesVerified: `${counts.verified} of ${counts.certificates}`,
  };
}

const families = {
  everyday,
  managedVersions,
  restructured,
  hostile,
  conditional,
  infixes,
  unionCovers,
  keysByStatements,
  nestedNots,
  sets,
  variables,
};
allActions();
measure(everyday().slice(0, 20));
console.log(
  JSON.stringify(
    Object.fromEntries(Object.entries(families).map(([name, make]) => [name, measure(make())])),
    null,
    2,
  ),
);
