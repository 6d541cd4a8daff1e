import { z } from 'zod';
import { CHANGE_KINDS, type Change } from '../../../domain/change/change.js';
import type { Json } from '../../../domain/json.js';

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

/** The checked value as a change: members that were not given are absent. */
export function asChange({ kind, target, before, after }: z.output<typeof ChangeShape>): Change {
  return {
    kind,
    target: {
      ...(target.principal !== undefined && { principal: target.principal }),
      ...(target.arn !== undefined && { arn: target.arn }),
      ...(target.name !== undefined && { name: target.name }),
    },
    before,
    after,
  };
}
