import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadPolicy } from '@open-policy-agent/opa-wasm';
import { z } from 'zod';
import { readVerdict } from '../../domain/guardrail/verdict.js';
import { adapter } from '../adapter.js';
import { readCompiled } from './policy-source.js';
import type { Guardrail, GuardrailInput, GuardrailVerdict } from './port.js';

/** Policies in process: Rego compiled to WebAssembly (openpolicyagent.org, "WebAssembly"). */
const EmbeddedConfig = z.strictObject({
  adapter: z.literal('embedded'),
  /** Absolute folder of .rego sources with their compiled form; the product's own without it. */
  folder: z.string().min(1).optional(),
});

const OWN_POLICIES = join(fileURLToPath(new URL('../..', import.meta.url)), 'policies');

async function openEmbedded(config: z.output<typeof EmbeddedConfig>): Promise<Guardrail> {
  const { wasm, entrypoint, digest } = readCompiled(config.folder ?? OWN_POLICIES);
  const policy = await loadPolicy(wasm);
  return {
    decide: async (input: GuardrailInput): Promise<GuardrailVerdict> => {
      const answer: unknown = policy.evaluate(input, entrypoint);
      return { ...readVerdict(firstResult(answer)), digest };
    },
  };
}

/** The engine answers with a set of results; one entry point has one. */
function firstResult(answer: unknown): unknown {
  const first: unknown = Array.isArray(answer) && answer.length === 1 ? answer[0] : undefined;
  return typeof first === 'object' && first !== null && 'result' in first ? first.result : undefined;
}

/** Guardrails compiled to WebAssembly, decided in this process. */
export const embedded = adapter(EmbeddedConfig, openEmbedded);
