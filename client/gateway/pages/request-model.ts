import { z } from 'zod';
import type {
  AuditRow,
  ChangeRow,
  DraftRow,
  FindingRow,
  RequestRow,
} from '../../../activities/ledger/port.js';
import type { Person } from '../../../domain/approval/request.js';
import { maySeeRequest } from '../access.js';
import type { Gateway } from '../kit.js';
import { notFound } from '../page-error.js';

/** Everything that a request's page shows, read from the ledger in one place. */
export interface RequestModel {
  row: RequestRow;
  /** Undefined for subjects that are not a change. */
  shown?: DraftRow;
  findings: readonly FindingRow[];
  /** The change that came of this request, once it is approved. */
  change?: ChangeRow;
  /** The request that took this one's place after an edit. */
  successor?: RequestRow;
  /** Why this person cannot approve or cannot decide at all, in words; undefined members mean they can. */
  objections: { approve?: string; decide?: string };
  questions: readonly Question[];
  /** Names of everybody who is mentioned, by id. */
  names: ReadonlyMap<string, string>;
}

/** A question that was asked about the draft, with its recorded answer. */
export interface Question {
  by: string;
  atMs: number;
  question: string;
  answer: string;
  llmSessionId?: string;
}

const FINDINGS_SHOWN = 25;
const questionBody = z.object({
  question: z.string(),
  answer: z.string(),
  llmSessionId: z.string().optional(),
});

/** @throws PageError 404 when there is no such request or this person may not see it. */
export async function seenRequest(gateway: Gateway, person: Person, id: string): Promise<RequestRow> {
  const row = await gateway.ledger.request(id);
  if (row === undefined || !maySeeRequest(person, row)) throw notFound('request');
  return row;
}

/** Reads all that belongs to a request. */
export async function readRequestModel(
  gateway: Gateway,
  person: Person,
  row: RequestRow,
): Promise<RequestModel> {
  const { ledger } = gateway;
  const [lead] = row.findingKeys;
  const [shown, findings, changes, siblings, questions, objections] = await Promise.all([
    ledger.draft(row.request.digest),
    Promise.all(row.findingKeys.slice(0, FINDINGS_SHOWN).map((key) => ledger.finding(key))),
    lead === undefined ? [] : ledger.changes({ findingKey: lead }),
    lead === undefined ? [] : ledger.requests({ findingKey: lead }),
    readQuestions(gateway, row),
    row.status === 'open' ? gateway.decider.objections(person, row) : {},
  ]);
  const change = changes.find((each) => each.requestId === row.request.id);
  const replaced = row.status === 'edited' || row.status === 'void';
  const successor = siblings.find((each) => replaced && each.request.openedAtMs > row.request.openedAtMs);
  return {
    row,
    findings: findings.filter((finding) => finding !== undefined),
    questions,
    objections,
    names: await namesOf(gateway, row, questions),
    ...(shown !== undefined && { shown }),
    ...(change !== undefined && { change }),
    ...(successor !== undefined && { successor }),
  };
}

async function readQuestions(gateway: Gateway, row: RequestRow): Promise<readonly Question[]> {
  const rows = await gateway.ledger.auditOf({ stream: questionStream(row) });
  return rows.flatMap((each) => toQuestion(each, row));
}

/** Questions of a workflow have a chain of their own, so that a page reads them without walking others. */
export function questionStream(row: RequestRow): string {
  return `questions/${row.request.workflowId}`;
}

function toQuestion(audit: AuditRow, row: RequestRow): readonly Question[] {
  const body = questionBody.safeParse(audit.body);
  if (audit.fields['requestId'] !== row.request.id || !body.success) return [];
  const { question, answer, llmSessionId } = body.data;
  const asked = { by: audit.actor, atMs: audit.atMs, question, answer };
  return [llmSessionId === undefined ? asked : { ...asked, llmSessionId }];
}

async function namesOf(
  { directory }: Gateway,
  row: RequestRow,
  questions: readonly Question[],
): Promise<ReadonlyMap<string, string>> {
  const ids = new Set([
    ...row.request.approverIds,
    ...row.notices.flatMap((notice) => notice.to),
    ...row.decisions.map((decision) => decision.personId),
    ...questions.map((question) => question.by),
    row.request.draftedBy,
  ]);
  const people = await Promise.all([...ids].map((id) => directory.person(id)));
  return new Map(
    people.flatMap((person) => (person === undefined ? [] : [[person.id, person.name] as const])),
  );
}

/** A word that changes whenever the page would: what the follower compares. */
export function stateOf({
  row,
  findings,
  change,
  successor,
}: Omit<RequestModel, 'questions' | 'names' | 'objections'>): string {
  const lead = findings[0];
  const parts = [
    row.status,
    row.decisions.length,
    lead?.stage,
    lead?.outcome,
    change?.status,
    successor?.request.id,
  ];
  return parts.map((part) => part ?? '-').join('.');
}

/** Whether something is still under way that the page should follow. */
export function isMoving({ row, findings, change, successor }: RequestModel): boolean {
  if (successor !== undefined) return false;
  if (row.status === 'edited') return true;
  if (row.status !== 'approved') return false;
  const stage = findings[0]?.stage;
  if (stage === 'closed' || stage === 'parked' || stage === 'stopped') return false;
  return change?.status !== 'verified' && change?.status !== 'rolled-back' && change?.status !== 'refused';
}
