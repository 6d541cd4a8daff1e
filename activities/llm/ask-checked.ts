import { z } from 'zod';
import type { Person } from '../../domain/approval/request.js';
import type { ExplanationFacts } from '../../domain/explanation/facts.js';
import { Failure } from '../../domain/failure.js';
import { createRedactor, type KnownName } from '../../domain/redaction/redact.js';
import type { ModelCallRow } from '../ledger/port.js';
import type { LanguageModel, ModelAnswer, ModelTask } from './port.js';
import { fillPrompt, type PromptBook, type PromptId } from './prompt-book.js';

/** What every question to a model needs. */
export interface ModelQuestion {
  model: LanguageModel;
  book: PromptBook;
  now: () => number;
  /** A new unique id: the `llm_session_id` of everything that comes of the answer. */
  newId: () => string;
  findingKey: string;
  /** The person or service account on whose behalf the model is asked; `curtail` by default. */
  requestedBy?: string;
  compliancePolicyId?: string;
  /** Everybody in the directory: their names never leave. */
  people?: readonly Person[];
  timeoutMs?: number;
  maxOutputTokens?: number;
  signal?: AbortSignal;
}

/** What came of a question: the row that is to be logged in any case, and the texts when there are any. */
export type CheckedAnswer<T> =
  | { ok: true; value: T; restore: (text: string) => string; call: ModelCallRow; promptRef: string }
  | { ok: false; why: string; call: ModelCallRow };

const TIMEOUT_MS = 60_000;
const MAX_OUTPUT_TOKENS = 1_200;
const MAX_LOGGED_CHARACTERS = 50_000;

/**
 * Asks a model with everything that identifies replaced, and parses what it answers. Any failure is an outcome, since
 * the engine's own text stands in; only a cancellation is thrown.
 */
export async function askRedacted<Schema extends z.ZodType>(
  question: ModelQuestion,
  promptId: PromptId,
  values: Readonly<Record<string, string>>,
  schema: Schema,
  known: readonly KnownName[],
): Promise<CheckedAnswer<z.output<Schema>>> {
  const { model, book, now, newId, people = [] } = question;
  const prompt = book.live(promptId);
  const redactor = createRedactor({ known: [...known, ...people.flatMap(namesOf)] });
  const redacted = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, redactor.redact(value).text]),
  );
  const task: ModelTask = {
    promptId,
    promptVersion: prompt.version,
    promptDigest: prompt.digest,
    system: prompt.system,
    user: fillPrompt(prompt, redacted),
    maxOutputTokens: question.maxOutputTokens ?? MAX_OUTPUT_TOKENS,
    timeoutMs: question.timeoutMs ?? TIMEOUT_MS,
    ...(question.signal !== undefined && { signal: question.signal }),
  };
  const call = emptyCall(question, task, newId(), now());
  let answer: ModelAnswer;
  try {
    answer = await model.ask(task, wireSchema(schema));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { ok: false, why: error.message, call: { ...call, latencyMs: now() - call.atMs } };
  }
  const told = withAnswer(call, answer);
  const parsed = schema.safeParse(answer.answer);
  if (!parsed.success) return { ok: false, why: 'the answer has another shape', call: told };
  return {
    ok: true,
    value: parsed.data,
    restore: redactor.restore,
    call: told,
    promptRef: `${promptId}/v${prompt.version}#${prompt.digest.slice(0, 12)}`,
  };
}

/** The schema as structured output takes it: lengths are not known there, so they are checked when the answer is here. */
function wireSchema(schema: z.ZodType): Record<string, unknown> {
  const text = JSON.stringify(z.toJSONSchema(schema, { target: 'draft-7' }), (key, value: unknown) =>
    key === 'maxLength' || key === '$schema' ? undefined : value,
  );
  return JSON.parse(text) as Record<string, unknown>;
}

function emptyCall(
  question: ModelQuestion,
  task: ModelTask,
  llmSessionId: string,
  atMs: number,
): ModelCallRow {
  return {
    llmSessionId,
    findingKey: question.findingKey,
    promptId: task.promptId,
    promptVersion: task.promptVersion,
    promptDigest: task.promptDigest,
    model: question.model.name,
    redactedPrompt: `${task.system}\n\n${task.user}`.slice(0, MAX_LOGGED_CHARACTERS),
    answer: '',
    inputTokens: 0,
    outputTokens: 0,
    latencyMs: 0,
    requestedBy: question.requestedBy ?? 'curtail',
    atMs,
    ...(question.compliancePolicyId !== undefined && { compliancePolicyId: question.compliancePolicyId }),
    outcome: 'failed',
  };
}

function withAnswer(call: ModelCallRow, answer: ModelAnswer): ModelCallRow {
  return {
    ...call,
    model: answer.model.slice(0, 200),
    answer: (JSON.stringify(answer.answer) ?? '').slice(0, MAX_LOGGED_CHARACTERS),
    inputTokens: answer.inputTokens,
    outputTokens: answer.outputTokens,
    latencyMs: answer.latencyMs,
    outcome: 'rejected',
  };
}

function namesOf({ name, email }: Person): KnownName[] {
  return [
    { value: name, type: 'PERSON' },
    { value: email, type: 'PERSON' },
  ];
}

/** Names of the facts that must not leave either: of the subject, accounts, stores and workloads. */
export function knownNames(facts: ExplanationFacts): KnownName[] {
  const { subjectName, account, accountName, credentialId, paths, workloads } = facts;
  const names = [subjectName, accountName, credentialId, ...paths.stores, ...workloads].filter(
    (name) => name !== undefined,
  );
  const accounts = account === undefined ? [] : [{ value: account, type: 'ACCOUNT' as const }];
  return [...names.map((value) => ({ value, type: 'NAME' as const })), ...accounts];
}

const MOST_ACTIONS = 40;

/** The facts as a model gets them: bounded, and without what it has no use for. */
export function factsForModel(facts: ExplanationFacts, texts: Readonly<Record<string, string>>): string {
  const few = <T>(list: readonly T[]): readonly T[] => list.slice(0, MOST_ACTIONS);
  const shortened = {
    ...facts,
    removedCount: facts.removed.length,
    keptCount: facts.kept.length,
    removed: few(facts.removed),
    kept: few(facts.kept),
    usedHighRisk: few(facts.usedHighRisk),
    blindSpots: few(facts.blindSpots),
    inWords: texts,
  };
  return JSON.stringify(shortened, null, 1);
}
