import { checkCertificate } from './certificate.js';
import { isRaw, listOf } from './encode.js';
import { checkSizing, type Oracle } from './sizing.js';
import { Refusal } from './values.js';

/** Whether a proof holds, and if not, the first thing that is wrong with it. */
export interface Verification {
  valid: boolean;
  reason: string;
}
/** SHA-256 of a text in hex. */
type Digest = (text: string) => string;
type Raw = Readonly<Record<string, unknown>>;

/**
 * Verifies an answer of `curtail policy check` (or its certificate alone) against the documents as they were written.
 * It searches for nothing: what the certificate does not show is not shown. `facts` says how an answer words each fact.
 */
export function verifyAnswer(
  proof: unknown,
  inputs: unknown,
  digest: Digest,
  facts: Readonly<Record<string, string>>,
): Verification {
  return judged(() => {
    if (!isRaw(proof) || !isRaw(inputs)) throw new Refusal('pass a certificate and its inputs');
    if (proof['verdict'] !== undefined && proof['verdict'] !== 'PASS')
      throw new Refusal(
        `the answer is ${String(proof['verdict']).slice(0, 20)}; only a PASS has a certificate`,
      );
    const certificate = proof['certificate'] ?? proof;
    if (!isRaw(certificate) || certificate['format'] === undefined)
      throw new Refusal('there is no certificate');
    const { digest: seal, ...sealed } = certificate;
    if (seal !== digest(canonical(sealed)))
      throw new Refusal('the certificate is not as it was written: its digest differs');
    checkDigests(certificate['inputs'], inputs, ['reference', 'candidate'], digest);
    const policyType = String(certificate['policyType']);
    const { reference, candidate, resourceAccount, options } = inputs;
    const arns = isRaw(options) && options['arns'] === 'string' ? 'string' : 'typed';
    const account = typeof resourceAccount === 'string' ? { resourceAccount } : {};
    if (
      certificate['arns'] !== arns ||
      certificate['resourceAccount'] !== account.resourceAccount ||
      (inputs['policyType'] ?? policyType) !== policyType
    )
      throw new Refusal(
        'the certificate answers another question: policyType, resourceAccount or options differ',
      );
    const used = checkCertificate(certificate, { reference, candidate, policyType, arns, ...account });
    const { assumptions } = proof;
    const hidden = [...used].find((name) => !listOf(assumptions).includes(facts[name]));
    if (assumptions !== undefined && hidden !== undefined)
      throw new Refusal(`the answer does not admit that it rests on the fact ${hidden}`);
    return `as ${policyType} policies, the candidate allows nothing that the reference does not`;
  });
}

/** Verifies the proof of `curtail policy rightsize` against the policies and the raw usage log that it is about. */
export function verifySizing(proof: unknown, inputs: Raw, oracle: Oracle, digest: Digest): Verification {
  return judged(() => {
    if (!isRaw(proof)) throw new Refusal('pass a proof and its inputs');
    const { digests, ...sealed } = proof;
    const named = isRaw(digests) ? digests : {};
    if (named['proof'] !== digest(canonical(sealed)))
      throw new Refusal('the proof is not as it was written: its digest differs');
    const { principal, policies, result, usage } = inputs;
    const given = Object.keys(named).filter((name) => name !== 'proof');
    checkDigests(named, inputs, [...new Set([...given, 'policies', 'usage', 'result'])], digest);
    if (typeof principal === 'string' && named['principal'] === undefined)
      throw new Refusal('the proof does not name the principal');
    if (!Array.isArray(policies) || !Array.isArray(result) || !Array.isArray(usage))
      throw new Refusal('policies, result and usage are lists; pass them so');
    const whose = typeof principal === 'string' ? { principal } : {};
    checkSizing(proof, { ...whose, policies, result, usage }, oracle);
    return `nobody gains access, and the ${usage.length} records of use were counted again: ${String(proof['verdict'])}`;
  });
}

function checkDigests(named: unknown, inputs: Raw, wanted: readonly string[], digest: Digest): void {
  for (const name of wanted) {
    if (inputs[name] === undefined)
      throw new Refusal(`the input ${name} is missing; pass everything that the proof names`);
    if (!isRaw(named) || typeof named[name] !== 'string')
      throw new Refusal(`the proof does not name its input ${name}, so nothing binds it`);
    if (digest(canonical(inputs[name])) !== named[name])
      throw new Refusal(
        `the input ${name} is not the one that the proof was computed from: its digest differs`,
      );
  }
}

function judged(check: () => string): Verification {
  try {
    return { valid: true, reason: check() };
  } catch (error) {
    if (error instanceof Refusal) return { valid: false, reason: error.message };
    // Hostile certificates may be nested or shaped beyond what can be walked; that is a refusal too.
    if (error instanceof RangeError || error instanceof SyntaxError || error instanceof URIError) {
      return { valid: false, reason: `the proof or its inputs cannot be read: ${error.message}` };
    }
    throw error;
  }
}

/** JSON with its keys sorted and no white space (RFC 8785). */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item ?? null)).join()}]`;
  if (!isRaw(value)) return JSON.stringify(value) ?? '';
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`)
    .join()}}`;
}
