import { canonicalJson, isRecord } from '../../json.js';
import { inputFault, logOfInput } from '../../proof/inputs.js';
import type { Prover } from '../../proof/obligations.js';
import type { UsageLog } from '../../usage/usage.js';
import type { RightsizeInput, RightsizeOptions, RightsizeResult, SizedPolicy } from './model.js';
import { rightsize } from './rightsize.js';

const INPUTS = ['policies', 'usage', 'question', 'result'];

/**
 * What is wrong with the proof of a right-sizing, from its originals; undefined when right-sizing them again gives
 * the same policies and the same obligations.
 * @throws PolicyError when a document among the inputs is malformed.
 */
export function rightsizeFault(
  given: { proof: RightsizeResult['proof']; inputs: Readonly<Record<string, unknown>> },
  prover: Prover,
): string | undefined {
  const { proof, inputs } = given;
  const fault = inputFault(proof.inputs, inputs, INPUTS, prover.digest);
  if (fault !== undefined) return fault;
  const usage = logOfInput(inputs['usage']);
  const question = usage === undefined ? undefined : questionOf(inputs, usage, prover);
  if (question === undefined) return 'the inputs do not have the shape of a right-sizing’s inputs';
  const again = rightsize(question);
  if (!same(again.policies, inputs['result'])) return 'right-sized again, the policies come out differently';
  const wanted = { verdict: proof.verdict, usage: proof.usage, access: verdictsOf(proof) };
  const found = { verdict: again.proof.verdict, usage: again.proof.usage, access: verdictsOf(again.proof) };
  return same(wanted, found) ? undefined : 'right-sized again, the obligations come out differently';
}

function questionOf(
  inputs: Readonly<Record<string, unknown>>,
  usage: UsageLog,
  prover: Prover,
): RightsizeInput | undefined {
  const { policies, question } = inputs;
  if (!Array.isArray(policies) || !isRecord(question)) return undefined;
  const { principal, window, options } = question;
  if (!isRecord(window) || !isRecord(options) || !isRecord(options['logging'])) return undefined;
  const { fromIso, toIso } = window;
  if (typeof fromIso !== 'string' || typeof toIso !== 'string') return undefined;
  return {
    ...(typeof principal === 'string' ? { principal } : {}),
    policies: policies as readonly SizedPolicy[],
    usage,
    window: { fromIso, toIso },
    options: {
      ...(options as unknown as RightsizeOptions),
      dropActions: mapOf(options['dropActions']),
      serviceNeeds: mapOf(options['serviceNeeds']),
    },
    ...prover,
  };
}

function mapOf(value: unknown): Map<string, string> {
  const entries = isRecord(value) ? Object.entries(value) : [];
  return new Map(entries.flatMap(([key, text]) => (typeof text === 'string' ? [[key, text] as const] : [])));
}

function verdictsOf({ noNewAccess }: Pick<RightsizeResult['proof'], 'noNewAccess'>): (readonly string[])[] {
  return noNewAccess.map(({ of, verdict, reasonCode }) => [of, verdict, reasonCode]);
}

function same(a: unknown, b: unknown): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
