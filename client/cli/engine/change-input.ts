import { z } from 'zod';
import { CHANGE_KINDS, type Change, type ChangeKind } from '../../../domain/change/change.js';
import { PolicyError } from '../../../domain/iam/document.js';
import { parseStrictJson } from '../../../domain/iam/strict-json.js';
import type { Json } from '../../../domain/json.js';
import { at } from './input.js';

const JsonValue: z.ZodType<Json> = z.json();

/** A change as the command line takes it. */
export const ChangeShape = z.object({
  kind: z.enum(CHANGE_KINDS),
  target: z.object({
    principal: z.string().optional(),
    arn: z.string().optional(),
    name: z.string().optional(),
  }),
  before: JsonValue,
  after: JsonValue,
});

/** What a message says is wanted. */
export const CHANGE_WORDS =
  '{"change": {"kind", "target": {"principal"?, "arn"?, "name"?}, "before", "after"}}';

/** Which parts of a target name what a kind of change is about. */
const NAMED_BY: Readonly<Record<ChangeKind, readonly ('principal' | 'arn' | 'name')[]>> = {
  'inline-policy': ['principal', 'name'],
  'managed-policy': ['arn'],
  'policy-attachment': ['principal', 'arn'],
  'trust-policy': ['principal'],
  'access-key': ['principal', 'name'],
  role: ['principal'],
  'public-access-block': ['arn'],
  'resource-policy': ['arn'],
  encryption: ['arn'],
  'access-logging': ['arn'],
  'database-public-access': ['arn'],
};
const DOCUMENT_KINDS: readonly ChangeKind[] = [
  ...(['inline-policy', 'managed-policy', 'trust-policy', 'resource-policy'] as const),
];

/**
 * The checked value as a change: members that were not given are absent, documents that were given as text are JSON.
 * @throws PolicyError pointing into the line, where the change stands at `pointer`
 */
export function asChange(
  { kind, target, before, after }: z.output<typeof ChangeShape>,
  pointer = '/change',
): Change {
  const missing = NAMED_BY[kind].find((name) => target[name] === undefined || target[name] === '');
  if (missing !== undefined) {
    const wanted = NAMED_BY[kind].join(' and ');
    throw new PolicyError(
      'InvalidInput',
      `${pointer}/target`,
      `a change of kind ${kind} names its target by ${wanted}; add ${missing}`,
    );
  }
  return {
    kind,
    target: {
      ...(target.principal !== undefined && { principal: target.principal }),
      ...(target.arn !== undefined && { arn: target.arn }),
      ...(target.name !== undefined && { name: target.name }),
    },
    before: stateOf(kind, before, `${pointer}/before`),
    after: stateOf(kind, after, `${pointer}/after`),
  };
}

function stateOf(kind: ChangeKind, state: Json, pointer: string): Json {
  if (typeof state !== 'string' || !DOCUMENT_KINDS.includes(kind)) return state;
  return at(pointer, () => parseStrictJson(state) as Json);
}
