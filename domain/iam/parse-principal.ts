import { isRecord } from '../json.js';
import { PolicyError, type PolicyType, type PrincipalElement } from './document.js';
import { pointerOf } from './strict-json.js';

type Path = readonly (string | number)[];

const KINDS = ['AWS', 'Service', 'Federated', 'CanonicalUser'] as const;

/** Policy types that are attached to a principal or an account, so that the principal is not theirs to name. */
const WITHOUT_PRINCIPAL: ReadonlySet<PolicyType> = new Set(['identity', 'boundary', 'session', 'scp']);

/**
 * Reads `Principal` or `NotPrincipal` of a statement.
 * `"*"` and `{"AWS": "*"}` both set `everyone`; the second keeps the `*` in `aws`, as AWS's documents leave open
 * whether it covers service principals.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 *
 * @throws PolicyError
 */
export function parsePrincipal(
  statement: Record<string, unknown>,
  path: Path,
  policyType: PolicyType,
): PrincipalElement | undefined {
  const plain = statement['Principal'];
  const not = statement['NotPrincipal'];
  if (plain !== undefined && not !== undefined) {
    throw new PolicyError(
      'ConflictingElements',
      pointerOf(path),
      'the statement has both Principal and NotPrincipal; keep one',
    );
  }
  const negated = plain === undefined;
  const written = plain ?? not;
  const at = [...path, negated ? 'NotPrincipal' : 'Principal'];
  if (written === undefined) {
    if (policyType !== 'rcp') return undefined;
    throw new PolicyError(
      'MissingElement',
      pointerOf(path),
      'a resource control policy needs "Principal": "*"; add it',
    );
  }
  if (WITHOUT_PRINCIPAL.has(policyType)) {
    const kind = policyType === 'scp' ? 'service control' : policyType;
    throw new PolicyError(
      'ProhibitedElement',
      pointerOf(at),
      `a ${kind} policy names no principal; remove ${at.at(-1)}`,
    );
  }
  return parseElement(written, negated, at);
}

function parseElement(written: unknown, negated: boolean, at: Path): PrincipalElement {
  const none = { aws: [], service: [], federated: [], canonicalUser: [] };
  if (written === '*') return { negated, everyone: true, ...none };
  if (!isRecord(written)) {
    const mend = `${at.at(-1)} must be "*" or an object such as {"AWS": "arn:aws:iam::111122223333:root"}`;
    throw new PolicyError('InvalidPrincipal', pointerOf(at), mend);
  }
  for (const name of Object.keys(written)) {
    if (KINDS.some((kind) => kind === name)) continue;
    const mend = `unknown kind of principal; use one of ${KINDS.join(', ')}`;
    throw new PolicyError('InvalidPrincipal', pointerOf([...at, name]), mend);
  }
  const aws = names(written['AWS'], [...at, 'AWS'], checkAws);
  return {
    negated,
    everyone: aws.includes('*'),
    aws,
    service: names(written['Service'], [...at, 'Service'], checkService),
    federated: names(written['Federated'], [...at, 'Federated'], checkPlain),
    canonicalUser: names(written['CanonicalUser'], [...at, 'CanonicalUser'], checkPlain),
  };
}

function names(
  written: unknown,
  at: Path,
  check: (name: string, pointer: string) => void,
): readonly string[] {
  if (written === undefined) return [];
  const list: readonly unknown[] = Array.isArray(written) ? written : [written];
  return list.map((name, i) => {
    const pointer = pointerOf(Array.isArray(written) ? [...at, i] : at);
    if (typeof name !== 'string' || name === '' || name.length > 2048) {
      throw new PolicyError(
        'InvalidPrincipal',
        pointer,
        `${at.at(-1)} must be a string (or strings) of 1 to 2,048 characters`,
      );
    }
    check(name, pointer);
    return name;
  });
}

const ACCOUNT = /^\d{12}$/;
const PRINCIPAL_ARN = /^arn:[a-z][a-z0-9-]*:(?:iam|sts)::(?:\d{12}|cloudfront):[\x20-\x7e]+$/;
/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids */
const UNIQUE_ID = /^A[A-Z0-9]{11,127}$/;

function checkAws(name: string, pointer: string): void {
  if (name === '*' || ACCOUNT.test(name)) return;
  if (/[*?]/.test(name)) {
    const mend =
      'no wildcard within a principal; name it whole, or use "*" with a condition on aws:PrincipalArn';
    throw new PolicyError('WildcardPrincipal', pointer, mend);
  }
  if (PRINCIPAL_ARN.test(name) || UNIQUE_ID.test(name)) return;
  const mend =
    'an AWS principal is "*", a 12-digit account, an IAM or STS ARN, or a unique id (AIDA…, AROA…)';
  throw new PolicyError('InvalidPrincipal', pointer, mend);
}

function checkService(name: string, pointer: string): void {
  if (/^[a-z0-9.*-]+$/i.test(name)) return;
  throw new PolicyError(
    'InvalidPrincipal',
    pointer,
    'a service principal looks like "lambda.amazonaws.com"; write it so',
  );
}

function checkPlain(name: string, pointer: string): void {
  if (!/[*?]/.test(name)) return;
  throw new PolicyError('WildcardPrincipal', pointer, 'no wildcard in this kind of principal; name it whole');
}
