/** One use of a permission on the way. */
export interface PathStep {
  /** What is done, as a sentence fragment. */
  step: string;
  permission: string;
  resource: string;
  /** ARN of the principal whose permission it is. */
  by: string;
}

/** Somebody that a search visits: a principal as it is, as an administrator, or as a member of a further group. */
export interface NodeRef {
  /** ARN of the principal. */
  arn: string;
  as?: 'administrator' | { memberOf: string };
}

/** A technique that works from one node to another. */
export interface Edge {
  to: NodeRef;
  technique: string;
  steps: readonly PathStep[];
  /** `latent`: only with context that the caller does not control. */
  status: 'open' | 'latent';
  assumptions: readonly string[];
}

/** The text that names a node. */
export function nodeKey({ arn, as }: NodeRef): string {
  if (as === undefined) return arn;
  return as === 'administrator' ? `${arn}#administrator` : `${arn}#${as.memberOf}`;
}

/** What an answer calls a node: the group that was joined, or the principal. */
export function nodeArn({ arn, as }: NodeRef): string {
  return as !== undefined && as !== 'administrator' ? as.memberOf : arn;
}

/** An action's name as words: `lambda:UpdateFunctionCode` → `Update function code`. */
export function actionWords(action: string): string {
  const words = action.slice(action.indexOf(':') + 1).match(/[A-Z]+(?![a-z])|[A-Z][a-z0-9]*/g) ?? [action];
  return words
    .map((word, index) => (index === 0 || /^[A-Z]{2,}$/.test(word) ? word : word.toLowerCase()))
    .join(' ');
}
