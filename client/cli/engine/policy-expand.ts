import { z } from 'zod';
import { expandActions } from '../../../domain/iam/catalogue.js';
import { checkShape } from './input.js';

const Patterns = z.union([z.string().transform((pattern) => [pattern]), z.array(z.string())]);
const LineShape = z.object({ actions: Patterns.nullish(), notActions: Patterns.nullish() });

/**
 * `curtail policy expand`: the actions of the catalogue that patterns cover.
 * @throws PolicyError pointing into the line
 */
export function policyExpand(line: unknown): { actions: string[]; unmatched: string[] } {
  const expected = '{"actions": [pattern], "notActions"?: [pattern]}';
  const { actions, notActions } = checkShape(LineShape, line, expected);
  if (actions == null && notActions == null) checkShape(z.object({ actions: Patterns }), line, expected);
  return expandActions({ ...(actions != null && { actions }), ...(notActions != null && { notActions }) });
}
