import { isRecord } from '../json.js';
import { isShortArn, looksLikeArn } from './arn.js';
import {
  type PatternList,
  type PolicyDocument,
  PolicyError,
  type PolicyType,
  type Statement,
} from './document.js';
import { parseConditions } from './parse-condition.js';
import { parsePrincipal } from './parse-principal.js';
import { parseStrictJson, pointerOf } from './strict-json.js';

/** Longest document that is read, in UTF-16 code units; AWS's own limits are 6,144 to 131,072 bytes. */
export const MAX_DOCUMENT_CHARS = 1_000_000;
/** Most statements in one document that is read. */
export const MAX_STATEMENTS = 10_000;

/**
 * Reads a policy document: a JSON value, JSON text, or percent-encoded JSON text as the IAM API returns it.
 *
 * What AWS accepts and has one meaning is accepted (single values for lists, any case in operator names, empty
 * lists); everything else is refused, never guessed at.
 * Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 *
 * @throws PolicyError naming what is wrong, where (JSON pointer into the document) and how to mend it.
 */
export function parsePolicy(input: unknown, policyType: PolicyType): PolicyDocument {
  const value = typeof input === 'string' ? parseText(input) : input;
  if (!isRecord(value)) {
    throw new PolicyError('NotAPolicy', '', 'a policy is a JSON object with Version and Statement; pass one');
  }
  refuseUnknown(value, ['Version', 'Id', 'Statement'], []);
  const version = parseVersion(value['Version']);
  const id = optionalText(value['Id'], ['Id']);
  const written = value['Statement'];
  if (written === undefined) {
    throw new PolicyError(
      'MissingElement',
      '',
      'the policy has no Statement; add one (it may be an empty list)',
    );
  }
  const list: readonly unknown[] = Array.isArray(written) ? written : [written];
  if (list.length > MAX_STATEMENTS) {
    throw new PolicyError(
      'DocumentTooLarge',
      '/Statement',
      `more than ${MAX_STATEMENTS} statements; split the policy`,
    );
  }
  const budget = { left: MAX_DOCUMENT_CHARS };
  const statements = list.map((statement, index) => {
    const path = Array.isArray(written) ? ['Statement', index] : ['Statement'];
    return parseStatement(statement, { index, path, policyType, budget });
  });
  return { version, ...(id !== undefined && { id }), statements };
}

function parseText(text: string): unknown {
  if (text.length > 3 * MAX_DOCUMENT_CHARS) throw tooLarge();
  const decoded = /^\s*%7B/i.test(text) ? decodePercent(text) : text;
  if (decoded.length > MAX_DOCUMENT_CHARS) throw tooLarge();
  return parseStrictJson(decoded);
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new PolicyError(
      'InvalidJson',
      '',
      'the document looks percent-encoded but is not; pass the JSON text itself',
    );
  }
}

function tooLarge(): PolicyError {
  return new PolicyError(
    'DocumentTooLarge',
    '',
    `the document is longer than ${MAX_DOCUMENT_CHARS} characters; split it`,
  );
}

function parseVersion(value: unknown): PolicyDocument['version'] {
  if (value === undefined) return '2008-10-17';
  if (value === '2008-10-17' || value === '2012-10-17') return value;
  throw new PolicyError(
    'InvalidVersion',
    '/Version',
    'Version must be "2012-10-17" (or "2008-10-17"); use that text',
  );
}

interface StatementPlace {
  index: number;
  path: readonly (string | number)[];
  policyType: PolicyType;
  /** How many more characters of strings the whole document may have. */
  budget: { left: number };
}

const ELEMENTS = [
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
];

function parseStatement(value: unknown, place: StatementPlace): Statement {
  const { index, path, policyType } = place;
  if (!isRecord(value)) {
    throw new PolicyError(
      'InvalidStatement',
      pointerOf(path),
      'a statement must be an object with Effect and Action',
    );
  }
  refuseUnknown(value, ELEMENTS, path);
  const effect = value['Effect'];
  if (effect !== 'Allow' && effect !== 'Deny') {
    throw new PolicyError(
      'InvalidEffect',
      pointerOf([...path, 'Effect']),
      'Effect must be "Allow" or "Deny", in this case',
    );
  }
  const sid = optionalText(value['Sid'], [...path, 'Sid']);
  const principal = parsePrincipal(value, path, policyType);
  const action = parseList(value, 'Action', place);
  if (action === undefined) {
    throw new PolicyError(
      'MissingElement',
      pointerOf(path),
      'the statement has neither Action nor NotAction; add one',
    );
  }
  for (const [i, pattern] of action.patterns.entries()) {
    checkAction(pattern, listPointer(value, action, 'Action', path, i));
  }
  const resource = parseResource(value, place);
  const conditions = parseConditions(value['Condition'], [...path, 'Condition']);
  for (const test of conditions) for (const text of test.values) spend(place.budget, text);
  return {
    index,
    ...(sid !== undefined && { sid }),
    effect,
    ...(principal !== undefined && { principal }),
    action,
    ...(resource !== undefined && { resource }),
    conditions,
  };
}

function parseResource(value: Record<string, unknown>, place: StatementPlace): PatternList | undefined {
  const { path, policyType } = place;
  const resource = parseList(value, 'Resource', place);
  if (policyType === 'trust') {
    if (resource === undefined) return undefined;
    throw new PolicyError(
      'ProhibitedElement',
      pointerOf(path),
      'a trust policy has no Resource: it belongs to its role; remove it',
    );
  }
  if (resource === undefined) {
    // A resource policy speaks about its own resource; some services (ECR) write no Resource at all.
    if (policyType === 'resource') return undefined;
    throw new PolicyError(
      'MissingElement',
      pointerOf(path),
      'the statement has neither Resource nor NotResource; add one',
    );
  }
  for (const [i, pattern] of resource.patterns.entries()) {
    checkResource(pattern, policyType, listPointer(value, resource, 'Resource', path, i));
  }
  return resource;
}

/** `X` or `NotX`, a string or a list of strings; undefined when neither is there. */
function parseList(
  value: Record<string, unknown>,
  name: string,
  { path, budget }: StatementPlace,
): PatternList | undefined {
  const plain = value[name];
  const not = value[`Not${name}`];
  if (plain !== undefined && not !== undefined) {
    throw new PolicyError(
      'ConflictingElements',
      pointerOf(path),
      `the statement has both ${name} and Not${name}; keep one`,
    );
  }
  if (plain === undefined && not === undefined) return undefined;
  const written = plain ?? not;
  const negated = plain === undefined;
  const at = [...path, negated ? `Not${name}` : name];
  const list: readonly unknown[] = Array.isArray(written) ? written : [written];
  const patterns = list.map((item, i) => {
    if (typeof item !== 'string' || item === '') {
      const pointer = pointerOf(Array.isArray(written) ? [...at, i] : at);
      throw new PolicyError(
        'InvalidValue',
        pointer,
        `${at.at(-1)} must be a string that is not empty, or a list of such`,
      );
    }
    spend(budget, item);
    return item;
  });
  return { negated, patterns };
}

function spend(budget: { left: number }, text: string): void {
  budget.left -= text.length;
  if (budget.left < 0) throw tooLarge();
}

function listPointer(
  value: Record<string, unknown>,
  list: PatternList,
  name: string,
  path: readonly (string | number)[],
  i: number,
): string {
  const member = list.negated ? `Not${name}` : name;
  return pointerOf(Array.isArray(value[member]) ? [...path, member, i] : [...path, member]);
}

/** Service prefix and name in ASCII, with wildcards: what looks like an `s` but is none matches nothing in AWS. */
const ACTION = /^(?:\*+|[A-Za-z0-9*?_.-]+:[A-Za-z0-9*?_.-]+)$/;

function checkAction(pattern: string, pointer: string): void {
  if (ACTION.test(pattern)) return;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the whole of ASCII is meant
  const foreign = /[^\x00-\x7f]/u.exec(pattern);
  if (foreign !== null) {
    const code = foreign[0].codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
    throw new PolicyError(
      'InvalidAction',
      pointer,
      `the action contains U+${code}, which is not ASCII; type the name again`,
    );
  }
  throw new PolicyError(
    'InvalidAction',
    pointer,
    'an action is "*" or "service:Name" (letters, digits, * and ?); write it so',
  );
}

function checkResource(pattern: string, policyType: PolicyType, pointer: string): void {
  if (/^\*+$/.test(pattern)) return;
  // API Gateway's resource policies may leave the ARN of the API out.
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
  if (policyType === 'resource' && pattern.startsWith('execute-api:/')) return;
  if (!looksLikeArn(pattern)) {
    throw new PolicyError(
      'InvalidResource',
      pointer,
      'a resource is "*" or an ARN (arn:partition:service:region:account:id)',
    );
  }
  if (!isShortArn(pattern)) return;
  if (policyType === 'session' || policyType === 'resource') {
    throw new PolicyError(
      'ShortArn',
      pointer,
      `a ${policyType} policy needs all six fields of an ARN; add the missing ones`,
    );
  }
}

function optionalText(value: unknown, path: readonly (string | number)[]): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value.length <= 10_000) return value;
  throw new PolicyError('InvalidValue', pointerOf(path), `${path.at(-1)} must be a string`);
}

function refuseUnknown(
  value: Record<string, unknown>,
  known: readonly string[],
  path: readonly (string | number)[],
): void {
  for (const name of Object.keys(value)) {
    if (known.includes(name)) continue;
    const near = known.find((candidate) => candidate.toLowerCase() === name.toLowerCase().replace(/s$/, ''));
    const mend = near === undefined ? `known are ${known.join(', ')}; remove it` : `did you mean "${near}"?`;
    throw new PolicyError(
      'UnknownElement',
      pointerOf([...path, name]),
      `unknown element ${JSON.stringify(name.slice(0, 80))}: ${mend}`,
    );
  }
}
