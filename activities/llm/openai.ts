import OpenAI, { AzureOpenAI } from 'openai';
import type {
  ChatCompletion,
  ChatCompletionCreateParamsNonStreaming,
} from 'openai/resources/chat/completions';
import { z } from 'zod';
import { Failure, FailureType } from '../../domain/failure.js';
import { type AdapterDeps, adapter } from '../adapter.js';
import { modelFailure } from './openai-failure.js';
import type { LanguageModel, ModelAnswer, ModelTask } from './port.js';

/**
 * OpenAI and everything that speaks its chat completions: Azure OpenAI, Anthropic's compatible endpoint, and any
 * server at a base URL (platform.openai.com, "Structured outputs"; docs.anthropic.com, "OpenAI SDK compatibility").
 */
const OpenAiConfig = z.strictObject({
  provider: z.enum(['openai', 'azure-openai', 'anthropic', 'compatible']),
  model: z.string().min(1),
  baseUrl: z.string().optional(),
  /** Reference to the key; a server of one's own may need none. */
  apiKey: z.string().optional(),
  /** Azure only. */
  deployment: z.string().optional(),
  apiVersion: z.string().optional(),
  timeoutMs: z.number().int().positive().default(60_000),
  maxOutputTokens: z.number().int().positive().default(1_200),
  /** Tokens a UTC day, in this process; beyond it every task fails as unusable. */
  dailyTokenLimit: z.number().int().min(0).optional(),
  compliancePolicyId: z.string().optional(),
});
type OpenAiConfig = z.output<typeof OpenAiConfig>;

/** How a provider differs from OpenAI itself. */
interface Traits {
  baseUrl?: string;
  /** The older name of the limit, which most compatible servers know. */
  limit: 'max_completion_tokens' | 'max_tokens';
}
const TRAITS: Readonly<Record<OpenAiConfig['provider'], Traits>> = {
  openai: { limit: 'max_completion_tokens' },
  'azure-openai': { limit: 'max_completion_tokens' },
  anthropic: { baseUrl: 'https://api.anthropic.com/v1/', limit: 'max_tokens' },
  compatible: { limit: 'max_tokens' },
};

const MAX_ANSWER_CHARACTERS = 100_000;
const DAY_MS = 86_400_000;

async function openOpenAi(config: OpenAiConfig, deps: AdapterDeps): Promise<LanguageModel> {
  const client = await openClient(config, deps);
  const budget = dailyBudget(config.dailyTokenLimit, deps.now);
  return {
    kind: 'model',
    name: config.model,
    ask: async (task, schema) => {
      budget.check();
      const startedMs = deps.now();
      const completion = await complete(client, config, task, schema);
      const { prompt_tokens: inputTokens = 0, completion_tokens: outputTokens = 0 } = completion.usage ?? {};
      budget.spend(inputTokens + outputTokens);
      const model = completion.model || config.model;
      return {
        answer: answerOf(completion),
        model,
        inputTokens,
        outputTokens,
        latencyMs: deps.now() - startedMs,
      } satisfies ModelAnswer;
    },
  };
}

async function openClient(config: OpenAiConfig, deps: AdapterDeps): Promise<OpenAI> {
  const secret = config.apiKey === undefined ? undefined : await deps.resolveSecret(config.apiKey);
  const common = {
    apiKey: secret?.reveal() ?? 'none',
    maxRetries: 0, // Temporal alone retries
    timeout: config.timeoutMs,
    fetch: deps.fetch,
    logLevel: 'off' as const,
  };
  if (config.provider !== 'azure-openai') {
    // Explicit, so that no OPENAI_* variable of the process decides where texts go.
    const baseURL = config.baseUrl ?? TRAITS[config.provider].baseUrl ?? 'https://api.openai.com/v1';
    return new OpenAI({ ...common, baseURL, organization: null, project: null });
  }
  const { baseUrl, deployment, apiVersion } = config;
  if (baseUrl === undefined || deployment === undefined || apiVersion === undefined) {
    throw new Error('opening azure-openai: baseUrl, deployment and apiVersion are needed; set them in llm');
  }
  return new AzureOpenAI({ ...common, endpoint: baseUrl, deployment, apiVersion });
}

async function complete(
  client: OpenAI,
  config: OpenAiConfig,
  task: ModelTask,
  schema: Record<string, unknown>,
): Promise<ChatCompletion> {
  const body: ChatCompletionCreateParamsNonStreaming = {
    model: config.model,
    messages: [
      { role: 'system', content: task.system },
      { role: 'user', content: task.user },
    ],
    response_format: {
      type: 'json_schema',
      json_schema: { name: task.promptId.replaceAll('-', '_'), schema, strict: true },
    },
    [TRAITS[config.provider].limit]: Math.min(task.maxOutputTokens, config.maxOutputTokens),
  };
  try {
    return await client.chat.completions.create(body, {
      timeout: Math.min(task.timeoutMs, config.timeoutMs),
      ...(task.signal !== undefined && { signal: task.signal }),
    });
  } catch (error) {
    throw modelFailure(error, config.provider, task.signal);
  }
}

/** The JSON of an answer. A refusal, an answer that was cut off, or no JSON is of no use, and is said so. */
function answerOf(completion: ChatCompletion): unknown {
  // A compatible server may answer anything: nothing of the type is believed.
  const [choice] = Array.isArray(completion.choices) ? completion.choices : [];
  const message: Partial<ChatCompletion['choices'][number]['message']> = choice?.message ?? {};
  if (typeof message.refusal === 'string' && message.refusal !== '') throw unusable('the model refused');
  if (choice?.finish_reason === 'length') throw unusable('the answer was cut off at the token limit');
  if (choice?.finish_reason === 'content_filter') throw unusable('a content filter stopped the answer');
  const text = message.content;
  if (typeof text !== 'string' || text.trim() === '') throw unusable('the answer is empty');
  if (text.length > MAX_ANSWER_CHARACTERS) throw unusable('the answer is too long');
  try {
    return JSON.parse(withoutFence(text));
  } catch (cause) {
    throw new Failure(FailureType.ModelUnusable, 'asking the model: the answer is not JSON', { cause });
  }
}

/** Servers that do not know structured output put JSON into a fenced block. */
function withoutFence(text: string): string {
  const fenced = /^\s*```(?:json)?\s*\n([\s\S]*?)\n\s*```\s*$/.exec(text);
  return fenced?.[1] ?? text;
}

function unusable(why: string): Failure {
  return new Failure(FailureType.ModelUnusable, `asking the model: ${why}`);
}

function dailyBudget(
  limit: number | undefined,
  now: () => number,
): { check(): void; spend(tokens: number): void } {
  let day = 0;
  let spent = 0;
  const today = (): number => Math.floor(now() / DAY_MS);
  return {
    check: () => {
      if (today() !== day) {
        day = today();
        spent = 0;
      }
      if (limit !== undefined && spent >= limit)
        throw unusable(`the day's ${limit} tokens are spent; raise llm.dailyTokenLimit or wait for tomorrow`);
    },
    spend: (tokens) => {
      spent += tokens;
    },
  };
}

/** Any endpoint that speaks OpenAI's chat completions. */
export const openai = adapter(OpenAiConfig, openOpenAi);
