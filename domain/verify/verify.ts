import { checkCertificate } from './certificate.js';
import { isRaw } from './encode.js';
import { Refusal } from './values.js';

/** Whether a proof holds, and if not, the first thing that is wrong with it. */
export interface Verification {
  valid: boolean;
  reason: string;
}

/**
 * Verifies an answer of `curtail policy check` (or its certificate alone) against the documents as they were written.
 * `digests`, where the proof has them, must be those of the inputs' canonical JSON. It searches for nothing: what the
 * certificate does not show is not shown.
 */
export function verifyAnswer(
  proof: unknown,
  inputs: unknown,
  digest: (text: string) => string,
): Verification {
  const certificate = isRaw(proof) && proof['certificate'] !== undefined ? proof['certificate'] : proof;
  try {
    if (!isRaw(proof) || !isRaw(inputs) || !isRaw(certificate))
      throw new Refusal('pass a certificate and its inputs');
    if (proof['verdict'] !== undefined && proof['verdict'] !== 'PASS')
      throw new Refusal('only a PASS has a certificate');
    for (const [name, expected] of Object.entries(isRaw(proof['digests']) ? proof['digests'] : {})) {
      if (digest(canonical(inputs[name])) !== expected)
        throw new Refusal(`the digest of ${name} is not the proof's`);
    }
    const policyType = String(inputs['policyType'] ?? certificate['policyType']);
    const { reference, candidate, resourceAccount, options } = inputs;
    if (reference === undefined || candidate === undefined)
      throw new Refusal('the inputs lack reference or candidate');
    const arns = isRaw(options) && options['arns'] === 'string' ? 'string' : 'typed';
    const account = typeof resourceAccount === 'string' ? { resourceAccount } : {};
    checkCertificate(certificate, { reference, candidate, policyType, arns, ...account });
    return {
      valid: true,
      reason: `as ${policyType} policies, the candidate allows nothing that the reference does not`,
    };
  } catch (error) {
    if (error instanceof Refusal) return { valid: false, reason: error.message };
    // Hostile certificates may be nested or shaped beyond what can be walked; that is a refusal too.
    if (error instanceof RangeError || error instanceof SyntaxError || error instanceof URIError) {
      return { valid: false, reason: `the certificate or its inputs cannot be read: ${error.message}` };
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
