import { splitArn } from '../arn.js';
import type { Language } from './atoms.js';
import {
  ANYTHING,
  EXCLUDES,
  type Excludes,
  excludesOf,
  isOne,
  isStar,
  isUnit,
  literalPattern,
  one,
  patternOf,
  star,
  type TextPattern,
  type Token,
  unitOf,
  unitsOf,
} from './pattern-language.js';
import { unionOf } from './text-union.js';

/** How one key's patterns look in another field: a superset for what must match, a subset for what must not. */
export interface Bounds {
  upper: readonly TextPattern[];
  lower: readonly TextPattern[];
}

const any = star(EXCLUDES.nothing);
const field = star(EXCLUDES.colon);
const COLON = ':'.charCodeAt(0);
const SLASH = '/'.charCodeAt(0);

/** A language of texts. */
export function textOf(patterns: readonly TextPattern[]): Language {
  return { theory: 'text', union: unionOf(patterns) };
}

/** A pattern from text, in which `*` is any text and `+` any text without a colon. */
export function sketch(text: string): TextPattern {
  return patternOf([...text].map((c): Token => (c === '*' ? any : c === '+' ? field : c.charCodeAt(0))));
}

/** ARNs of IAM users. */
export const ANY_USER = sketch('arn:+:iam::+:user/*');
const ANY_SESSION = sketch('arn:+:sts::+:assumed-role/*');

/** The pattern as a part of a longer text whose separators it cannot contain; undefined when it names one. */
function part(pattern: TextPattern, excludes: Excludes): readonly Token[] | undefined {
  if (pattern.opaque || pattern.hasVariables) return undefined;
  const tokens: Token[] = [];
  for (const token of pattern.tokens) {
    if (isUnit(token) && (unitOf(token) === COLON || unitOf(token) === SLASH)) return undefined;
    const both = isUnit(token) ? excludes : ((excludesOf(token) | excludes) as Excludes);
    tokens.push(isStar(token) ? star(both) : isOne(token) ? one(both) : token);
  }
  return tokens;
}

function embed(
  patterns: readonly TextPattern[],
  excludes: Excludes,
  build: (tokens: readonly Token[]) => readonly TextPattern[],
): Bounds {
  const lower: TextPattern[] = [];
  let complete = true;
  for (const pattern of patterns) {
    const tokens = part(pattern, excludes);
    if (tokens === undefined) {
      // A value with a separator in it cannot occur in the other field; a variable may stand for anything.
      if (pattern.opaque || pattern.hasVariables) complete = false;
      continue;
    }
    lower.push(...build(tokens));
  }
  return { upper: complete ? lower : [ANYTHING], lower };
}

/** `aws:PrincipalAccount` in the principal's ARN. */
export function accountInPrincipal(patterns: readonly TextPattern[]): Bounds {
  return embed(patterns, EXCLUDES.colon, (account) =>
    ['iam', 'sts'].map((service) =>
      patternOf([...sketch(`arn:+:${service}::`).tokens, ...account, COLON, any]),
    ),
  );
}

/**
 * `aws:ResourceAccount` in the resource's ARN; account-less ARNs may belong to any account, and a field such as
 * `aws` names none, so only patterns that hold a digit and no other character exclude ARNs for certain.
 */
export function accountInResource(patterns: readonly TextPattern[]): Bounds {
  const build = (account: readonly Token[]): readonly TextPattern[] => [
    patternOf([...sketch('arn:+:+:+:').tokens, ...account, COLON, any]),
  ];
  const { upper } = embed(patterns, EXCLUDES.colon, build);
  const { lower } = embed(patterns.filter(isOfDigits), EXCLUDES.colon, build);
  return { upper: [...upper, sketch('arn:+:+:+::*'), literalPattern('*')], lower };
}

function isOfDigits({ tokens }: TextPattern): boolean {
  const units = tokens.filter(isUnit);
  return units.length > 0 && units.every((token) => token >= 48 && token <= 57);
}

/** Resources whose ARN names an account. */
export const WITH_ACCOUNT: TextPattern = patternOf([
  ...sketch('arn:+:+:+:').tokens,
  ...Array.from({ length: 12 }, () => one(EXCLUDES.colon)),
  COLON,
  any,
]);

/** `aws:username` in the principal's ARN, behind any path. */
export function userInPrincipal(patterns: readonly TextPattern[]): Bounds {
  return embed(patterns, (EXCLUDES.colon | EXCLUDES.slash) as Excludes, (name) => [
    patternOf([...sketch('arn:+:iam::+:user/').tokens, ...name]),
    patternOf([...sketch('arn:+:iam::+:user/').tokens, any, SLASH, ...name]),
  ]);
}

const TYPES: readonly (readonly [string, readonly TextPattern[]])[] = [
  ['Account', [sketch('arn:+:iam::+:root')]],
  ['User', [ANY_USER]],
  ['FederatedUser', [sketch('arn:+:sts::+:federated-user/*')]],
  ['AssumedRole', [sketch('arn:+:iam::+:role/*'), ANY_SESSION]],
  ['Anonymous', [sketch('anonymous|*')]],
];

/** `aws:PrincipalType` in the principal's ARN. */
export function typeInPrincipal(matches: (type: string) => boolean): Bounds {
  const patterns = TYPES.flatMap(([type, kinds]) => (matches(type) ? kinds : []));
  return { upper: patterns, lower: patterns };
}

/**
 * `aws:PrincipalArn` in the principal: the same ARN, and for a role its sessions, whose ARN has the role's name
 * without its path. Names are unique in an account, so an exact role ARN covers its sessions exactly.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export function arnInPrincipal(patterns: readonly TextPattern[]): Bounds {
  const upper: TextPattern[] = [];
  const lower: TextPattern[] = [];
  for (const pattern of patterns) {
    const sessions = sessionsOf(pattern);
    upper.push(pattern, ...sessions.upper);
    if (pattern.opaque || pattern.hasVariables) continue;
    // A session's own ARN is never its aws:PrincipalArn, so only patterns of IAM ARNs speak of callers for certain.
    if (startsAsIam(pattern)) lower.push(pattern, ...sessions.lower);
  }
  return { upper, lower };
}

function startsAsIam({ tokens, literal }: TextPattern): boolean {
  if (literal !== undefined) return splitArn(literal)?.[2] === 'iam';
  const colons = tokens.flatMap((token, i) => (token === COLON ? [i] : []));
  const [second, third] = [colons[1], colons[2]];
  if (second === undefined || third === undefined) return false;
  const before = tokens.slice(0, second);
  if (before.some((token) => isStar(token) && excludesOf(token) === EXCLUDES.nothing)) return false;
  return tokens.slice(second + 1, third).join() === unitsOf('iam').join();
}

/** Sessions of the roles that a pattern of `aws:PrincipalArn` names. */
function sessionsOf({ literal, tokens, opaque, hasVariables }: TextPattern): Bounds {
  if (opaque || hasVariables) return { upper: [ANY_SESSION], lower: [] };
  if (literal !== undefined) {
    const arn = splitArn(literal);
    if (arn === undefined || !arn[5].startsWith('role/')) return { upper: [], lower: [] };
    const name = arn[5].slice(arn[5].lastIndexOf('/') + 1);
    const named = [patternOf([...unitsOf(`arn:${arn[1]}:sts::${arn[4]}:assumed-role/${name}/`), any])];
    return { upper: named, lower: named };
  }
  const head = headOfSessions(tokens);
  if (head === undefined) return { upper: [ANY_SESSION], lower: [] };
  const all = [patternOf([...head.tokens, ...unitsOf('assumed-role/'), any])];
  return { upper: all, lower: head.allRoles ? all : [] };
}

/** The fields before the last of an `arn:…:iam::account:…` pattern, with `sts` for `iam`. */
function headOfSessions(
  tokens: readonly Token[],
): { tokens: readonly Token[]; allRoles: boolean } | undefined {
  const colons = tokens.flatMap((token, i) => (token === COLON ? [i] : []));
  const [second, third, last] = [colons[1], colons[2], colons[4]];
  if (second === undefined || third === undefined || last === undefined) return undefined;
  if (tokens.slice(0, last).some((token) => isStar(token) && excludesOf(token) === EXCLUDES.nothing))
    return undefined;
  if (tokens.slice(second + 1, third).join() !== unitsOf('iam').join()) return undefined;
  const rest = tokens.slice(last + 1).join();
  const allRoles = rest === [...unitsOf('role/'), any].join() || rest === String(any);
  return {
    tokens: [...tokens.slice(0, second + 1), ...unitsOf('sts'), ...tokens.slice(third, last + 1)],
    allRoles,
  };
}

/** `aws:PrincipalOrgID` at the head of `aws:PrincipalOrgPaths`. */
export function organisationInPaths(patterns: readonly TextPattern[]): Bounds {
  return embed(patterns, EXCLUDES.slash, (id) => [patternOf([...id, SLASH, any])]);
}
