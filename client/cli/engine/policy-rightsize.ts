import { z } from 'zod';
import { PolicyError } from '../../../domain/iam/document.js';
import type { RightsizeOptions, RightsizeResult, SizedPolicy } from '../../../domain/iam/rightsize/model.js';
import { rightsize } from '../../../domain/iam/rightsize/rightsize.js';
import { canonicalJson, isRecord, type Json } from '../../../domain/json.js';
import { readUsage } from '../../../domain/usage/log.js';
import { DEFAULT_LOGGING } from '../../../domain/usage/logging.js';
import { windowOf } from '../../../domain/usage/window.js';
import { sha256 } from './digest.js';
import { checkShape, type Defined, policyAt } from './input.js';

/** What the trail records: management events, and the services whose data events it has. */
export const LoggingShape = z.object({
  management: z.boolean().default(true),
  data: z.union([z.literal('all'), z.array(z.string())]).default([]),
});

const IsoDate = z
  .string()
  .refine((text) => /^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(Date.parse(text)), 'no ISO date');

/** The time that usage was observed in, ISO 8601 at both ends. */
export const WindowShape = z
  .object({ from: IsoDate, to: IsoDate })
  .refine(({ from, to }) => Date.parse(from) <= Date.parse(to), 'from must not be after to');

const PolicyShape = z.object({
  name: z.string(),
  arn: z.string().nullish(),
  managed: z.enum(['inline', 'customer', 'aws']).default('inline'),
  attachedTo: z.array(z.string()).nullish(),
  document: z.unknown(),
});

const LineShape = z.object({
  principal: z.string().nullish(),
  policies: z.array(PolicyShape).optional(),
  use: z.string().optional(),
  usage: z.array(z.unknown()).default([]),
  window: WindowShape.nullish(),
  options: z
    .object({
      resources: z.enum(['leave', 'exact', 'prefix']).nullish(),
      logging: LoggingShape.nullish(),
      keepDependent: z.boolean().nullish(),
      keepActions: z.array(z.string()).nullish(),
      keepReason: z.string().nullish(),
    })
    .nullish(),
});

const EXPECTED = '{"policies": [{"name", "managed", "document"}], "usage": […], "window": {"from", "to"}}';

/** What `curtail policy rightsize` answers. */
export type RightsizeAnswer = Omit<RightsizeResult, 'proof'> & {
  proof: RightsizeResult['proof'] & { digests: Readonly<Record<string, string>> };
};

/**
 * `curtail policy rightsize`: policies shrunk to what was used, with the reason for every line and the proof.
 * @throws PolicyError pointing into the line
 */
export function policyRightsize(line: unknown, defined: Defined = new Map()): RightsizeAnswer {
  const shape = checkShape(LineShape, line, EXPECTED);
  const policies = policiesOf(shape, defined);
  for (const [i, policy] of policies.entries())
    policyAt(policy.document, 'identity', `/policies/${i}/document`);
  const usage = readUsage(shape.usage);
  const { proof, ...result } = rightsize({
    ...(shape.principal == null ? {} : { principal: shape.principal }),
    policies,
    usage,
    window:
      shape.window == null
        ? windowOf(usage, Date.now())
        : { fromIso: shape.window.from, toIso: shape.window.to },
    options: optionsOf(shape.options),
    now: () => performance.now(),
    digest: sha256,
  });
  return { ...result, proof: bound(proof, { ...givenParts(line, defined), result: result.policies }) };
}

/** What of a line its proof is about, as it was written. */
const PARTS = ['principal', 'policies', 'usage', 'window', 'options'];

function givenParts(line: unknown, defined: Defined): Record<string, unknown> {
  const given = isRecord(line) ? line : {};
  const named = typeof given['use'] === 'string' ? defined.get(given['use'])?.policies : undefined;
  const whole: Record<string, unknown> = { usage: [], policies: named, ...given };
  return Object.fromEntries(
    PARTS.flatMap((name) => (whole[name] == null ? [] : [[name, whole[name]] as const])),
  );
}

/** Binds the proof to its inputs, and to itself under the name `proof`. */
function bound(
  proof: RightsizeResult['proof'],
  inputs: Readonly<Record<string, unknown>>,
): RightsizeAnswer['proof'] {
  const named = Object.entries({ ...inputs, proof });
  return {
    ...proof,
    digests: Object.fromEntries(named.map(([name, part]) => [name, sha256(canonicalJson(part))])),
  };
}

function policiesOf(shape: z.output<typeof LineShape>, defined: Defined): SizedPolicy[] {
  const named = shape.use === undefined ? undefined : defined.get(shape.use)?.policies;
  const written =
    shape.policies ?? (named === undefined ? undefined : checkShape(z.array(PolicyShape), named, EXPECTED));
  if (written === undefined)
    throw new PolicyError('InvalidInput', '/policies', `the line has no policies; pass ${EXPECTED}`);
  return written.map(({ name, arn, managed, attachedTo, document }) => ({
    name,
    managed,
    ...(arn == null ? {} : { arn }),
    ...(attachedTo == null ? {} : { attachedTo }),
    document: document as Json,
  }));
}

function optionsOf(given: z.output<typeof LineShape>['options']): RightsizeOptions {
  return {
    resources: given?.resources ?? 'prefix',
    logging: given?.logging ?? DEFAULT_LOGGING,
    keepDependent: given?.keepDependent ?? true,
    ...(given?.keepActions == null ? {} : { keepActions: given.keepActions }),
    ...(given?.keepReason == null ? {} : { keepReason: given.keepReason }),
  };
}
