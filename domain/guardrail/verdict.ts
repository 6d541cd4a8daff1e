import { isRecord } from '../json.js';

/** A yes or no of the policies, with the set that answered. A no always has a reason. */
export interface PolicyAnswer {
  allow: boolean;
  reasons: readonly string[];
  policySet: string;
}

const MAX_REASONS = 50;
const MAX_REASON_LENGTH = 500;

/**
 * Reads a policy engine's answer. Anything but a clear yes is a no, with a reason: no answer, another shape,
 * `allow` that is not exactly `true`, or a yes that comes with objections.
 */
export function readVerdict(answer: unknown): PolicyAnswer {
  if (!isRecord(answer)) return refuse('none', ['the policy engine gave no answer']);
  const policySet = typeof answer['policySet'] === 'string' ? answer['policySet'].slice(0, 100) : 'unnamed';
  if (!Array.isArray(answer['reasons']))
    return refuse(policySet, ['the policy engine gave no list of reasons']);
  const reasons = answer['reasons'].slice(0, MAX_REASONS).map(reasonText);
  if (answer['allow'] === true && reasons.length === 0) return { allow: true, reasons: [], policySet };
  if (answer['allow'] === false && reasons.length > 0) return refuse(policySet, reasons);
  return refuse(policySet, [...reasons, 'the policy engine did not say yes']);
}

function refuse(policySet: string, reasons: readonly string[]): PolicyAnswer {
  return { allow: false, reasons, policySet };
}

function reasonText(reason: unknown): string {
  return typeof reason === 'string' ? reason.slice(0, MAX_REASON_LENGTH) : 'an objection that is not text';
}
