import type { PolicyDocument, PolicyType, Principal, Request } from '../../domain/iam/document.js';
import { documentedArity } from '../../domain/iam/subset/context-keys.js';
import type { Chance } from './random.js';

const ACCOUNT = '111122223333';
const OTHER = '444455556666';
const USERS = ['alice', 'bob', 'a', 'team/alice'];

/** Callers that no IAM policy is attached to. */
const OUTSIDERS: readonly Principal[] = [
  ...['lambda.amazonaws.com', 'ec2.amazonaws.com', 'sns.amazonaws.com'],
  { type: 'Anonymous' },
  { type: 'Federated', id: 'cognito-identity.amazonaws.com' },
  { type: 'Federated', id: 'accounts.example.com' },
  { type: 'CanonicalUser', id: 'c'.repeat(64) },
  { type: 'CanonicalUser', id: 'd'.repeat(64) },
];

/** Makes requests near the constants of some policies, in which the facts hold that docs/proof.md lists. */
export class Neighbourhood {
  readonly #chance: Chance;
  readonly #actions: readonly string[];
  readonly #resources: readonly string[];
  readonly #values = new Map<string, string[]>();
  readonly #operators = new Map<string, Set<string>>();
  readonly #sets = new Set<string>();
  readonly #everybody: boolean;

  constructor(documents: readonly PolicyDocument[], policyType: PolicyType, chance: Chance) {
    this.#chance = chance;
    this.#everybody = ['resource', 'trust', 'endpoint', 'rcp'].includes(policyType);
    const statements = documents.flatMap((document) => document.statements);
    this.#actions = statements.flatMap(({ action }) => action.patterns);
    this.#resources = statements.flatMap(({ resource }) => resource?.patterns ?? []);
    if (policyType === 'trust') this.#resources = [`arn:aws:iam::${ACCOUNT}:role/target`];
    for (const { key, operator, set, values } of statements.flatMap(({ conditions }) => conditions)) {
      const name = key.toLowerCase();
      this.#values.set(name, [...(this.#values.get(name) ?? []), ...(operator === 'Null' ? [] : values)]);
      this.#operators.set(name, (this.#operators.get(name) ?? new Set()).add(operator));
      if (set !== undefined) this.#sets.add(name);
    }
    for (const text of [...this.#resources, ...[...this.#values.values()].flat()]) {
      for (const [, key = ''] of text.matchAll(/\$\{([a-z][^,}]*)/gi)) {
        const name = key.trim().toLowerCase();
        if (!this.#values.has(name)) this.#values.set(name, USERS);
      }
    }
  }

  /** Whether the key may have several values, by its documentation or because a policy asks it as a set. */
  isSet(key: string): boolean {
    return documentedArity(key) === 'multi' || (this.#sets.has(key) && documentedArity(key) !== 'single');
  }

  get keys(): readonly string[] {
    return [...this.#values.keys()];
  }

  request(): Request {
    const principal = this.#principal();
    const action = this.#action();
    const resource = this.#resource();
    const context: Record<string, string | string[] | null> = {};
    for (const key of this.keys) {
      const value = this.#value(key);
      if (value !== undefined) context[key] = value;
    }
    settle(context, { action, resource, principal });
    return { principal, action, resource, context };
  }

  #principal(): Principal {
    const chance = this.#chance;
    const account = chance.pick([ACCOUNT, ACCOUNT, OTHER]);
    if (this.#everybody && chance.once(3)) return chance.pick(OUTSIDERS);
    return chance.pick<Principal>([
      `arn:aws:iam::${account}:user/${chance.pick(USERS)}`,
      `arn:aws:iam::${account}:role/${chance.pick(['app/r', 'r', 'x'])}`,
      `arn:aws:sts::${account}:assumed-role/${chance.pick(['r', 'x'])}/${chance.pick(['s', 't'])}`,
      `arn:aws:iam::${account}:root`,
    ]);
  }

  #action(): string {
    const text = this.#instance(this.#chance.pick(this.#actions), 'abG');
    return /^[^:]+:[^:]+$/.test(text)
      ? text
      : this.#chance.pick(['s3:GetObject', 's3:ListBucket', 'sqs:SendMessage']);
  }

  #resource(): string {
    const pattern = this.#resources.length === 0 ? '*' : this.#chance.pick(this.#resources);
    if (pattern === '*' && this.#chance.once(2)) return '*';
    const text = this.#instance(
      pattern.replaceAll(/\$\{[^}]*\}/g, () => this.#chance.pick(USERS)),
      'abc',
    );
    const isArn = /^arn:[^:]+:[^:]+:[^:]*:[^:]*:.+/s.test(text);
    return isArn
      ? text
      : this.#chance.pick([
          '*',
          'arn:aws:s3:::b1',
          'arn:aws:s3:::b1/alice/x',
          `arn:aws:sqs:us-east-1:${ACCOUNT}:q`,
        ]);
  }

  /** A text that the pattern covers, or nearly. */
  #instance(pattern: string, letters: string): string {
    const chance = this.#chance;
    const few = (most: number): string =>
      Array.from({ length: chance.below(most + 1) }, () => chance.pick([...letters])).join('');
    const filled = pattern.replaceAll(/[*?]/g, (wildcard) =>
      wildcard === '?' ? chance.pick([...letters]) : few(3),
    );
    return chance.once(5) ? filled.slice(0, -1) || filled : filled + (chance.once(6) ? 'a' : '');
  }

  #value(key: string): string | string[] | undefined {
    const chance = this.#chance;
    if (this.isSet(key)) {
      const count = chance.pick([0, 1, 1, 2, 3]);
      return count === 0 ? undefined : Array.from({ length: count }, () => this.#one(key));
    }
    return chance.once(4) ? undefined : this.#one(key);
  }

  #one(key: string): string {
    const chance = this.#chance;
    const operators = [...(this.#operators.get(key) ?? [])].join(' ');
    const values = this.#values.get(key) ?? [];
    const near = values.length === 0 ? 'a' : chance.pick(values);
    if (operators.includes('Numeric')) return String(Number(near) + chance.pick([-1, -0.5, 0, 0, 0.5, 1]));
    if (operators.includes('Date'))
      return new Date(Date.parse(near) + chance.pick([-1000, 0, 0, 1000])).toISOString();
    if (operators.includes('IpAddress')) return address(near, chance);
    if (operators.includes('Bool') || /securetransport|multifactorauthpresent/.test(key))
      return chance.pick(['true', 'false']);
    const text = near.replaceAll(/\$\{[^}]*\}/g, () => chance.pick(USERS));
    const made = this.#instance(text, 'abAt');
    if (!operators.includes('Arn')) return made;
    return /^arn:[^:]*:[^:]*:[^:]*:[^:]*:/s.test(made) ? made : 'arn:aws:s3:::b1';
  }
}

function address(net: string, chance: Chance): string {
  const [base = ''] = net.split('/');
  if (base.includes(':')) return chance.pick(['2001:db8::1', '2001:db9::1', '::1']);
  const bytes = base.split('.').map(Number);
  return chance.pick([
    base,
    [bytes[0], chance.below(256), 3, 4].join('.'),
    [(bytes[0] ?? 0) + 1, 0, 0, 1].join('.'),
    '10.1.2.4',
  ]);
}

/** Makes the request's parts agree with each other as in a real request. */
function settle(
  context: Record<string, string | string[] | null>,
  { action, resource, principal }: Pick<Request, 'action' | 'resource' | 'principal'>,
): void {
  // These follow from the principal and the resource; only a session's role may have a path that is not told.
  for (const key of ['aws:principalaccount', 'aws:principaltype', 'aws:principalarn', 'aws:username'])
    delete context[key];
  if (/^arn:[^:]*:[^:]*:[^:]*:[^:]+:/.test(resource)) delete context['aws:resourceaccount'];
  if (typeof principal !== 'string') delete context['aws:principalarn'];
  const tags = context['aws:tagkeys'];
  const names = Array.isArray(tags) ? tags.filter((name) => name.toLowerCase() !== 'team') : [];
  if (context['aws:requesttag/team'] !== undefined) names.push('team');
  if (names.length > 0) context['aws:tagkeys'] = names;
  else delete context['aws:tagkeys'];
  const tag = context['s3:resourcetag/team'];
  if (tag !== undefined) context['aws:resourcetag/team'] = tag;
  const now = context['aws:currenttime'];
  const epoch = context['aws:epochtime'];
  if (typeof now === 'string' && context['aws:epochtime'] !== undefined)
    context['aws:epochtime'] = String(Date.parse(now) / 1000);
  else if (typeof epoch === 'string')
    context['aws:currenttime'] = new Date(Number(epoch) * 1000).toISOString();
  else if (typeof now === 'string') context['aws:epochtime'] = String(Date.parse(now) / 1000);
  if (!/^s3:listbucket(versions)?$/i.test(action)) delete context['s3:prefix'];
  settleNetwork(context);
  const paths = context['aws:principalorgpaths'];
  const org = context['aws:principalorgid'];
  if (typeof org === 'string')
    context['aws:principalorgpaths'] = (Array.isArray(paths) ? paths : ['x/r-1/ou-1/']).map(
      (path) => `${org}/${path.split('/').slice(1).join('/')}`,
    );
  else delete context['aws:principalorgpaths'];
}

function settleNetwork(context: Record<string, string | string[] | null>): void {
  const through = context['aws:sourcevpc'] ?? context['aws:sourcevpce'];
  if (through === undefined) return;
  context['aws:sourcevpc'] ??= 'vpc-9';
  context['aws:sourcevpce'] ??= 'vpce-9';
  delete context['aws:sourceip'];
}
