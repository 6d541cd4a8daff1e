/** A task for a language model. Everything in `facts` was redacted before it gets here. */
export interface ModelTask {
  promptId: string;
  promptVersion: number;
  /** SHA-256 of the prompt file. */
  promptDigest: string;
  system: string;
  user: string;
  maxOutputTokens: number;
  timeoutMs: number;
  signal?: AbortSignal;
}
/** A model's answer, and what it cost. */
export interface ModelAnswer {
  /** Parsed JSON of the answer; its shape is checked by the caller's schema. */
  answer: unknown;
  model: string;
  inputTokens: number;
  outputTokens: number;
  latencyMs: number;
}

/** A language model that answers in JSON. It has no tools, and nothing it says is believed unchecked. */
export interface LanguageModel {
  /** `offline` when no model is configured: the caller uses its templates and says so. */
  readonly kind: 'offline' | 'model';
  readonly name: string;
  /** Sends one task. Never retries: Temporal owns every retry. `schema` is a JSON schema for structured output. */
  ask(task: ModelTask, schema: Record<string, unknown>): Promise<ModelAnswer>;
}
