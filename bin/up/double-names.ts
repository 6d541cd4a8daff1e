/** Ticket systems that a scripted run has a double of. */
export const ITSM_DOUBLES: readonly string[] = ['servicenow', 'jira'];
/** Chats that a scripted run has a double of. */
export const CHAT_DOUBLES: readonly string[] = ['slack', 'teams'];
