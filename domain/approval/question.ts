/** Longest comment that is read as a question, in UTF-16 code units. */
export const MAX_QUESTION_LENGTH = 2_000;

const ASKING =
  /^(?:@?curtail[,:]?\s+)?(?:why|what|which|who|whose|how|when|where|is|are|does|do|did|can|could|will|would|should|may)\b/i;

/**
 * Whether a comment asks something. Quoted lines are somebody else's words. It only chooses whether an answer from the
 * proof's evidence is written below; it never chooses an action.
 */
export function isQuestion(comment: string): boolean {
  const own = comment
    .slice(0, MAX_QUESTION_LENGTH)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('>'));
  return own.some((line) => line.length > 4 && (line.endsWith('?') || ASKING.test(line)));
}
