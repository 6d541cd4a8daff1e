import { type PolicyDocument, PolicyError, type PolicyType, type Request } from '../document.js';
import { decideDocuments } from '../evaluate.js';

/** Both sides of a question, as the evaluator needs them. */
export interface Sides {
  reference: readonly PolicyDocument[];
  candidate: readonly PolicyDocument[];
  policyType: PolicyType;
}

/** Whether the evaluator says that the candidate's documents allow the request and the reference's do not. */
export function confirms(request: Request, { reference, candidate, policyType }: Sides): boolean {
  try {
    return (
      decideDocuments(request, candidate, policyType).decision === 'Allowed' &&
      decideDocuments(request, reference, policyType).decision !== 'Allowed'
    );
  } catch (error) {
    // A principal that the search made up and the evaluator does not take proves nothing.
    if (error instanceof PolicyError) return false;
    throw error;
  }
}
