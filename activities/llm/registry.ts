import type { Adapter } from '../adapter.js';
import { offline } from './offline.js';
import { openai } from './openai.js';
import type { LanguageModel } from './port.js';

/** The providers that a configuration may name. */
export type LlmProvider = 'offline' | 'openai' | 'azure-openai' | 'anthropic' | 'compatible';

/** Who writes prose. Open it with the `llm` section of the configuration. */
export const llmAdapters = {
  offline,
  openai,
  'azure-openai': openai,
  anthropic: openai,
  compatible: openai,
} satisfies Record<LlmProvider, Adapter<LanguageModel>>;
