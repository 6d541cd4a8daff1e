import { z } from 'zod';
import { type PolicyDocument, PolicyError, type PolicyType } from '../../../domain/iam/document.js';
import { type BoundCertificate, bindCertificate } from '../../../domain/iam/subset/certificate.js';
import { checkSubset, type SubsetAnswer } from '../../../domain/iam/subset/check.js';
import { isRecord } from '../../../domain/json.js';
import { sha256 } from './digest.js';
import { checkShape, type Defined, policiesAt } from './input.js';

const POLICY_TYPES = [
  'identity',
  'resource',
  'trust',
  'boundary',
  'scp',
  'rcp',
  'endpoint',
  'session',
] as const satisfies readonly PolicyType[];

const LineShape = z.object({
  reference: z.unknown().optional(),
  candidate: z.unknown().optional(),
  policyType: z.enum(POLICY_TYPES),
  resourceAccount: z
    .string()
    .regex(/^\d{12}$/, 'a 12-digit account id')
    .nullish(),
  options: z
    .object({
      arns: z.enum(['typed', 'string']).nullish(),
      budgetMs: z.number().positive().max(3_600_000).nullish(),
      nodes: z.number().int().positive().nullish(),
    })
    .nullish(),
  use: z.string().optional(),
});

const EXPECTED = '{"reference": Document(s), "candidate": Document(s), "policyType": "identity"|…}';

/** What `curtail policy check` answers. */
export type CheckAnswer = Omit<SubsetAnswer, 'certificate'> & { certificate?: BoundCertificate; ms: number };

/**
 * `curtail policy check`: whether everything that `candidate` allows, `reference` allows. Of a `use`d name the
 * policies are the reference, or an object with `reference` and `candidate`.
 * @throws PolicyError pointing into the line
 */
export function policyCheck(line: unknown, defined: Defined = new Map()): CheckAnswer {
  const shape = checkShape(LineShape, line, EXPECTED);
  const startedMs = performance.now();
  const { policyType, options } = shape;
  const { certificate, ...answer } = checkSubset({
    reference: side('reference', shape, defined),
    candidate: side('candidate', shape, defined),
    policyType,
    ...(shape.resourceAccount != null && { resourceAccount: shape.resourceAccount }),
    options: {
      ...(options?.arns != null && { arns: options.arns }),
      ...(options?.budgetMs != null && { budgetMs: options.budgetMs }),
      ...(options?.nodes != null && { nodes: options.nodes }),
    },
    now: () => performance.now(),
  });
  const ms = Math.round((performance.now() - startedMs) * 1000) / 1000;
  if (certificate === undefined) return { ...answer, ms };
  const written = {
    reference: writtenSide('reference', shape, defined),
    candidate: writtenSide('candidate', shape, defined),
  };
  return { ...answer, ms, certificate: bindCertificate(certificate, written, sha256) };
}

/** A side's documents as they were written, in this line or in the definition that it uses. */
function writtenSide(
  name: 'reference' | 'candidate',
  { use, ...shape }: z.output<typeof LineShape>,
  defined: Defined,
): unknown {
  return shape[name] ?? (use === undefined ? undefined : sideOf(name, defined.get(use)?.policies));
}

function side(
  name: 'reference' | 'candidate',
  shape: z.output<typeof LineShape>,
  defined: Defined,
): readonly PolicyDocument[] {
  const written = shape[name];
  if (written !== undefined) return policiesAt(written, shape.policyType, `/${name}`);
  const named = shape.use === undefined ? undefined : defined.get(shape.use);
  const documents = named === undefined ? undefined : sideOf(name, named.policies);
  if (named === undefined || documents === undefined) {
    throw new PolicyError('InvalidInput', '', `the line has no ${name}; pass ${EXPECTED}`);
  }
  const key = `check/${shape.policyType}/${name}`;
  const known = named.parsed.get(key);
  if (known !== undefined) return known as readonly PolicyDocument[];
  const made = policiesAt(documents, shape.policyType, `/${name}`);
  named.parsed.set(key, made);
  return made;
}

function sideOf(name: 'reference' | 'candidate', policies: unknown): unknown {
  const isPair = isRecord(policies) && ('reference' in policies || 'candidate' in policies);
  if (isPair) return policies[name];
  return name === 'reference' ? policies : undefined;
}
