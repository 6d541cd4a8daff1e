import { requestContext } from '../context.js';
import {
  type PatternList,
  type PolicyDocument,
  PolicyError,
  type PolicyType,
  type Request,
  type Statement,
} from '../document.js';
import { decideDocuments } from '../evaluate.js';
import { matchesParts, resolveParts, splitPattern } from '../pattern.js';

/** Both sides of a question, as the evaluator needs them. */
export interface Sides {
  reference: readonly PolicyDocument[];
  candidate: readonly PolicyDocument[];
  policyType: PolicyType;
  arns: 'typed' | 'string';
}

/** Whether the evaluator says that the candidate's documents allow the request and the reference's do not. */
export function confirms(request: Request, { reference, candidate, policyType, arns }: Sides): boolean {
  try {
    const allows = (documents: readonly PolicyDocument[]): boolean => {
      const read = arns === 'typed' ? documents : documents.map((each) => withPlainResources(each, request));
      return decideDocuments(request, read, policyType).decision === 'Allowed';
    };
    return allows(candidate) && !allows(reference);
  } catch (error) {
    // A principal that the search made up and the evaluator does not take proves nothing.
    if (error instanceof PolicyError) return false;
    throw error;
  }
}

const EVERYTHING: PatternList = { negated: false, patterns: ['*'] };
const NOTHING: PatternList = { negated: true, patterns: ['*'] };

/** The document with its resources already compared as plain text: each list becomes everything or nothing. */
function withPlainResources(document: PolicyDocument, request: Request): PolicyDocument {
  const context = requestContext(request);
  const variable = (key: string): string | undefined => context.single(key);
  const decide = ({ negated, patterns }: PatternList): PatternList => {
    const parts = patterns.map((p) =>
      resolveParts(splitPattern(p, document.version === '2012-10-17'), variable),
    );
    if (parts.some((each) => each === undefined)) return NOTHING;
    const listed = parts.some((each) => each !== undefined && matchesParts(each, request.resource, false));
    return listed === negated ? NOTHING : EVERYTHING;
  };
  const statements = document.statements.map(
    (statement): Statement =>
      statement.resource === undefined ? statement : { ...statement, resource: decide(statement.resource) },
  );
  return { ...document, statements };
}
