/** Longest reason of a rejection or an edit, in UTF-16 code units. */
export const MAX_REASON_LENGTH = 2_000;
/** Most actions that one edit may keep. */
export const MAX_KEPT_ACTIONS = 500;
