import { isShortArn, looksLikeArn } from './arn.js';
import { type PatternList, PolicyError, type PolicyType } from './document.js';
import { pointerOf } from './strict-json.js';

type Path = readonly (string | number)[];

/** Where a statement stands, and in which kind of policy. */
export interface PatternPlace {
  path: Path;
  policyType: PolicyType;
}

/** The `Action` or `NotAction` of a statement. @throws PolicyError */
export function parseAction(value: Record<string, unknown>, path: Path): PatternList {
  const action = parseList(value, 'Action', path);
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
  return action;
}

/** The `Resource` or `NotResource` of a statement; undefined where its policy type may or must do without. @throws PolicyError */
export function parseResource(
  value: Record<string, unknown>,
  { path, policyType }: PatternPlace,
): PatternList | undefined {
  const resource = parseList(value, 'Resource', path);
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
function parseList(value: Record<string, unknown>, name: string, path: Path): PatternList | undefined {
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
    return item;
  });
  return { negated, patterns };
}

function listPointer(
  value: Record<string, unknown>,
  list: PatternList,
  name: string,
  path: Path,
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
