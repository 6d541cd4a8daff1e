import { isRecord } from '../json.js';
import { type PolicyDocument, PolicyError, type PolicyType, type Statement } from './document.js';
import { parseConditions } from './parse-condition.js';
import { type PatternPlace, parseAction, parseResource } from './parse-patterns.js';
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
  if (typeof input !== 'string') refuseLarge(input);
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
  const statements = list.map((statement, index) => {
    const path = Array.isArray(written) ? ['Statement', index] : ['Statement'];
    return parseStatement(statement, { index, path, policyType });
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

/** Counts the text in a JSON value, without recursion, so that depth and cycles end at the limit too. */
function refuseLarge(value: unknown): void {
  const pending: unknown[] = [value];
  let chars = 0;
  while (pending.length > 0) {
    const next = pending.pop();
    chars += typeof next === 'string' ? next.length + 2 : 2;
    if (chars > MAX_DOCUMENT_CHARS) throw tooLarge();
    if (typeof next !== 'object' || next === null) continue;
    for (const [key, member] of Object.entries(next)) {
      chars += key.length;
      pending.push(member);
    }
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

interface StatementPlace extends PatternPlace {
  index: number;
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
  const action = parseAction(value, path);
  const resource = parseResource(value, place);
  const conditions = parseConditions(value['Condition'], [...path, 'Condition']);
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
