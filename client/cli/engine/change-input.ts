import { z } from 'zod';
import { CHANGE_KINDS, type Change } from '../../../domain/change/change.js';
import { ChangeError } from '../../../domain/change/error.js';
import type { Json } from '../../../domain/json.js';

const JsonValue: z.ZodType<Json> = z.json();

const Wire = z.object({
  kind: z.enum(CHANGE_KINDS),
  target: z.object({
    principal: z.string().optional(),
    arn: z.string().optional(),
    name: z.string().optional(),
  }),
  before: JsonValue,
  after: JsonValue,
});

/** A change as the command line takes it. @throws ChangeError `Malformed` naming the member that is wrong. */
export function parseChange(input: unknown): Change {
  const parsed = Wire.safeParse(input);
  if (!parsed.success) {
    const fault = parsed.error.issues[0];
    const where = fault === undefined ? 'change' : ['change', ...fault.path].join('.');
    throw new ChangeError('Malformed', `reading ${where}: ${fault?.message ?? 'not a change'}`);
  }
  const { kind, target, before, after } = parsed.data;
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
