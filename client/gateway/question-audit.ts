import type { AuditEntry, RequestRow } from '../../activities/ledger/port.js';
import { shortDigest } from './decision-audit.js';
import { questionStream } from './pages/request-model.js';

/** The row about a question that was answered, on a page or in a chat. */
export function questionAnswered(
  by: { personId: string; atMs: number },
  row: RequestRow,
  question: string,
  { text: answer, llmSessionId }: { text: string; llmSessionId?: string },
): AuditEntry {
  const requestId = row.request.id;
  const [findingKey] = row.findingKeys;
  const session = llmSessionId === undefined ? {} : { llmSessionId };
  return {
    id: `gateway/question/${requestId}/${by.personId}/${by.atMs}/${shortDigest(question)}`,
    stream: questionStream(row),
    type: 'question.answered',
    actor: by.personId,
    atMs: by.atMs,
    workflowId: row.request.workflowId,
    ...(findingKey !== undefined && { findingKey }),
    fields: { requestId, ...session },
    body: { question, answer, ...session },
  };
}
