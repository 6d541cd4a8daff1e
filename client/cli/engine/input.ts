import type { z } from 'zod';
import { type PolicyDocument, PolicyError, type PolicyType } from '../../../domain/iam/document.js';
import { parsePolicy } from '../../../domain/iam/parse.js';
import { pointerOf } from '../../../domain/iam/strict-json.js';

/** Policies that an earlier line of a batch named, and what commands made of them. */
export interface DefinedPolicies {
  readonly policies: unknown;
  /** Parsed forms, by the command that made them, so that a policy set is read once and not per line. */
  readonly parsed: Map<string, unknown>;
}
/** Policies that earlier lines of a batch defined, by name. */
export type Defined = ReadonlyMap<string, DefinedPolicies>;

/** Checks the shape of an input line. @throws PolicyError `InvalidInput` pointing at the first fault */
export function checkShape<Schema extends z.ZodType>(
  schema: Schema,
  line: unknown,
  expected: string,
): z.output<Schema> {
  const parsed = schema.safeParse(line);
  if (parsed.success) return parsed.data;
  const fault = parsed.error.issues[0];
  const path = (fault?.path ?? []).map((step) => (typeof step === 'number' ? step : String(step)));
  throw new PolicyError(
    'InvalidInput',
    pointerOf(path),
    `${fault?.message ?? 'wrong shape'}; pass ${expected}`,
  );
}

/** Reads a policy document that stands at `pointer` of the line. @throws PolicyError pointing into the line */
export function policyAt(document: unknown, policyType: PolicyType, pointer: string): PolicyDocument {
  return at(pointer, () => parsePolicy(document, policyType));
}

/** Reads one document or a list of them. @throws PolicyError pointing into the line */
export function policiesAt(
  documents: unknown,
  policyType: PolicyType,
  pointer: string,
): readonly PolicyDocument[] {
  if (!Array.isArray(documents)) return [policyAt(documents, policyType, pointer)];
  return documents.map((document, i) => policyAt(document, policyType, `${pointer}/${i}`));
}

/** Runs a step whose errors point into one member of the line. */
export function at<T>(pointer: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw new PolicyError(error.type, `${pointer}${error.pointer}`, error.message);
  }
}
