import { isRecord } from '../json.js';
import { CONDITION_OPERATORS, type ConditionOperator, type ConditionTest, PolicyError } from './document.js';
import { pointerOf } from './strict-json.js';

type Path = readonly (string | number)[];

const BY_NAME: ReadonlyMap<string, ConditionOperator> = new Map(
  CONDITION_OPERATORS.map((operator) => [operator.toLowerCase(), operator]),
);

/** Most tests in one statement that are read. */
const MAX_TESTS = 1_000;

/**
 * Reads a `Condition` block: operator, key, value or values. Booleans and numbers become text, as AWS stores them.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
 *
 * @throws PolicyError
 */
export function parseConditions(written: unknown, at: Path): readonly ConditionTest[] {
  if (written === undefined) return [];
  if (!isRecord(written)) {
    throw new PolicyError(
      'InvalidCondition',
      pointerOf(at),
      'Condition must be an object {operator: {key: values}}',
    );
  }
  const tests: ConditionTest[] = [];
  const seen = new Set<string>();
  for (const [name, block] of Object.entries(written)) {
    const operator = parseOperator(name, [...at, name]);
    if (!isRecord(block)) {
      throw new PolicyError(
        'InvalidCondition',
        pointerOf([...at, name]),
        'an operator holds an object {key: values}',
      );
    }
    for (const [key, values] of Object.entries(block)) {
      const place = [...at, name, key];
      checkKey(key, place);
      // Names are compared without case, so two spellings are one key; whether AWS joins them by AND is not written.
      const identity = `${operator.set ?? ''} ${operator.operator} ${operator.ifExists} ${key.toLowerCase()}`;
      if (seen.has(identity)) {
        throw new PolicyError(
          'DuplicateKey',
          pointerOf(place),
          'the same operator and key twice; join their values in one list',
        );
      }
      seen.add(identity);
      tests.push({ ...operator, key, values: parseValues(values, place) });
    }
  }
  if (tests.length > MAX_TESTS) {
    throw new PolicyError(
      'DocumentTooLarge',
      pointerOf(at),
      `more than ${MAX_TESTS} conditions in one statement; split it`,
    );
  }
  return tests;
}

/** `ForAnyValue:StringLikeIfExists` and the like, in any case. */
function parseOperator(name: string, at: Path): Pick<ConditionTest, 'operator' | 'ifExists' | 'set'> {
  const match = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/i.exec(name);
  const operator = BY_NAME.get(match?.[2]?.toLowerCase() ?? '');
  if (match === null || operator === undefined) {
    const mend = `unknown condition operator ${JSON.stringify(name.slice(0, 80))}; use e.g. StringEquals, ArnLike, IpAddress`;
    throw new PolicyError('UnknownOperator', pointerOf(at), mend);
  }
  const set =
    match[1] === undefined
      ? undefined
      : match[1].toLowerCase() === 'forallvalues'
        ? 'ForAllValues'
        : 'ForAnyValue';
  if (operator === 'Null' && set !== undefined) {
    throw new PolicyError(
      'UnknownOperator',
      pointerOf(at),
      `Null asks whether the key is there; write it without ${set}`,
    );
  }
  // Null asks for presence itself, so that IfExists adds nothing to it.
  const ifExists = match[3] !== undefined && operator !== 'Null';
  return { operator, ifExists, ...(set !== undefined && { set }) };
}

function checkKey(key: string, at: Path): void {
  const colon = key.indexOf(':');
  if (colon > 0 && colon < key.length - 1 && key.length <= 1_024) return;
  throw new PolicyError(
    'InvalidConditionKey',
    pointerOf(at),
    'a condition key looks like "aws:SourceIp" or "s3:prefix"; write it so',
  );
}

function parseValues(written: unknown, at: Path): readonly string[] {
  const list: readonly unknown[] = Array.isArray(written) ? written : [written];
  return list.map((value, i) => {
    if (typeof value === 'string') return value;
    if (typeof value === 'boolean' || typeof value === 'number') return String(value);
    const pointer = pointerOf(Array.isArray(written) ? [...at, i] : at);
    throw new PolicyError(
      'InvalidCondition',
      pointer,
      'a condition value must be a string, number or boolean, or a list of such',
    );
  });
}
