import { splitArn } from '../arn.js';
import type { PrincipalElement } from '../document.js';
import { type Language, type Literal, negate, positive } from './atoms.js';
import { opaquePattern } from './compile-text.js';
import type { Clause, Encoding } from './encode.js';
import {
  ANYTHING,
  EXCLUDES,
  literalPattern,
  patternOf,
  star,
  type TextPattern,
  unitsOf,
} from './pattern-language.js';
import { unionOf } from './text-union.js';

/**
 * Principals as texts, so that they are one more language: AWS principals by their ARN, the others as
 * `service|name`, `federated|name`, `canonical|id` and `anonymous|`.
 */
export const PRINCIPAL_TEXT = {
  service: (name: string): string => `service|${name.toLowerCase()}`,
  federated: (name: string): string => `federated|${name}`,
  canonicalUser: (id: string): string => `canonical|${id}`,
  anonymous: 'anonymous|',
} as const;

const any = star(EXCLUDES.nothing);
const ONE_FIELD = star(EXCLUDES.colon);
const NOT_SERVICES = ['arn:', 'anonymous|', 'federated|', 'canonical|'].map((head) =>
  patternOf([...unitsOf(head), any]),
);

/** `Principal` or `NotPrincipal` as clauses; readings that AWS leaves open become atoms of their own. */
export function encodePrincipal(
  element: PrincipalElement,
  place: string,
  encoding: Encoding,
): readonly Clause[] {
  const reading = (name: 'star-service' | 'account-notprincipal'): Literal =>
    positive(encoding.table.intern({ kind: 'reading', reading: name }, `reading.${name}`));
  const literal = (patterns: readonly TextPattern[], part: string): Literal => {
    const language: Language = { theory: 'text', union: unionOf(patterns) };
    const atom = encoding.table.intern({ kind: 'in', field: 'principal', language }, `${place}.${part}`);
    return element.negated ? negate(positive(atom)) : positive(atom);
  };
  if (element.aws.includes('*')) {
    const open = reading('star-service');
    const listed = others(element, 'account');
    return [
      [negate(open), literal([ANYTHING], 'everyone')],
      [open, literal([...NOT_SERVICES, ...listed], 'unserviced')],
    ];
  }
  if (element.everyone) return [[literal([ANYTHING], 'everyone')]];
  if (!element.negated || !element.aws.some(isAccount))
    return [[literal(others(element, 'account'), 'listed')]];
  const open = reading('account-notprincipal');
  return [
    [negate(open), literal(others(element, 'account'), 'listed')],
    [open, literal(others(element, 'root'), 'roots')],
  ];
}

/** Everything that the element lists, an account as all of its principals or as its root only. */
function others(element: PrincipalElement, accounts: 'account' | 'root'): readonly TextPattern[] {
  return [
    ...element.aws.filter((name) => name !== '*').flatMap((name) => awsPatterns(name, accounts)),
    ...element.service.map((name) =>
      name === '*' ? patternOf([...unitsOf('service|'), any]) : literalPattern(PRINCIPAL_TEXT.service(name)),
    ),
    ...element.federated.map((name) => literalPattern(PRINCIPAL_TEXT.federated(name))),
    ...element.canonicalUser.map((id) => literalPattern(PRINCIPAL_TEXT.canonicalUser(id))),
  ];
}

function isAccount(name: string): boolean {
  return /^\d{12}$/.test(name) || /^arn:[^:]*:iam::\d{12}:root$/.test(name);
}

function awsPatterns(name: string, accounts: 'account' | 'root'): readonly TextPattern[] {
  if (/^\d{12}$/.test(name)) return accountPatterns([ONE_FIELD], name, accounts);
  const arn = splitArn(name);
  if (arn === undefined) return [opaquePattern(`id ${name}`)];
  const [, partition, service, , account, resource] = arn;
  if (service === 'iam' && resource === 'root') return accountPatterns(unitsOf(partition), account, accounts);
  if (service !== 'iam' || !resource.startsWith('role/')) return [literalPattern(name)];
  // A session's ARN has the role's name without its path; names are unique in an account.
  const role = resource.slice(resource.lastIndexOf('/') + 1);
  const sessions = `arn:${partition}:sts::${account}:assumed-role/${role}/`;
  return [literalPattern(name), patternOf([...unitsOf(sessions), any])];
}

function accountPatterns(
  partition: readonly number[],
  account: string,
  accounts: 'account' | 'root',
): readonly TextPattern[] {
  const arn = (service: string, rest: readonly number[]): TextPattern =>
    patternOf([...unitsOf('arn:'), ...partition, ...unitsOf(`:${service}::${account}:`), ...rest]);
  if (accounts === 'root') return [arn('iam', unitsOf('root'))];
  return [arn('iam', [any]), arn('sts', [any])];
}
