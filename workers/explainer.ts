import type { AdapterDeps } from '../activities/adapter.js';
import type { Directory } from '../activities/directory/port.js';
import type { Ledger, ModelCallRow } from '../activities/ledger/port.js';
import type { Explainer } from '../activities/lifecycle/ports.js';
import { answerQuestion } from '../activities/llm/answer.js';
import { explainDraft } from '../activities/llm/explain.js';
import { offline as offlineModel } from '../activities/llm/offline.js';
import type { LanguageModel } from '../activities/llm/port.js';
import { openPromptBook } from '../activities/llm/prompt-book.js';
import { llmAdapters } from '../activities/llm/registry.js';
import { suggestPolicies } from '../activities/llm/suggest.js';
import type { LlmConfig } from '../runtime/config/schema.js';

export interface ExplainerDeps extends AdapterDeps {
  ledger: Ledger;
  directory: Directory;
  newId: () => string;
}

const BUCKET = 'model-tokens';

/**
 * Explains and answers with the configured model, within the day's token limit; beyond it, and whenever the model
 * fails, with the templates over the engine's own results.
 */
export async function openExplainer(config: LlmConfig, deps: ExplainerDeps): Promise<Explainer> {
  const model = await llmAdapters[config.provider].open(config, deps);
  const offline = await offlineModel.open({ provider: 'offline' }, deps);
  const book = openPromptBook();
  let counted: Promise<void> = Promise.resolve();

  /** One after the other: two answers that come at once are both counted. */
  async function countCall(call: ModelCallRow | undefined): Promise<void> {
    counted = counted.then(
      () => count(deps, call),
      () => count(deps, call),
    );
    await counted;
  }

  async function common(findingKey: string) {
    return {
      model: await withinLimit(config, deps, model, offline),
      book,
      now: deps.now,
      newId: deps.newId,
      findingKey,
      people: await deps.directory.people(),
      timeoutMs: config.timeoutMs,
      maxOutputTokens: config.maxOutputTokens,
      ...(config.compliancePolicyId !== undefined && { compliancePolicyId: config.compliancePolicyId }),
    };
  }
  return {
    async explain({ key, finding, draft, context }) {
      const { explanation, call, note } = await explainDraft({
        finding,
        draft,
        context,
        ...(await common(key)),
      });
      if (note !== undefined)
        deps.log('warn', 'a model gave no usable text; the templates explain', { note });
      await countCall(call);
      return { explanation, ...(call !== undefined && { call }) };
    },
    async suggest({ key, finding, draft, context }) {
      const suggested = await suggestPolicies({ finding, draft, context, ...(await common(key)) });
      await countCall(suggested?.call);
      return suggested;
    },
    async answer({ key, finding, drafted, question, personId }) {
      const { draft, context } = drafted;
      const asked = { finding, draft, context, question, requestedBy: personId, ...(await common(key)) };
      const { answer, call, llmSessionId } = await answerQuestion(asked);
      await countCall(call);
      return {
        text: answer,
        ...(call !== undefined && { call }),
        ...(llmSessionId !== undefined && { llmSessionId }),
      };
    },
  };
}

async function withinLimit(
  config: LlmConfig,
  deps: ExplainerDeps,
  model: LanguageModel,
  offline: LanguageModel,
): Promise<LanguageModel> {
  if (config.dailyTokenLimit === undefined) return model;
  return (await usedToday(deps)) < config.dailyTokenLimit ? model : offline;
}

async function usedToday(deps: ExplainerDeps): Promise<number> {
  const used = await deps.ledger.item(BUCKET, today(deps.now()), deps.now());
  return typeof used === 'number' ? used : 0;
}

async function count(deps: ExplainerDeps, call: ModelCallRow | undefined): Promise<void> {
  if (call === undefined) return;
  const value = (await usedToday(deps)) + call.inputTokens + call.outputTokens;
  await deps.ledger.putItem({
    bucket: BUCKET,
    key: today(deps.now()),
    value,
    expiresAtMs: deps.now() + 2 * 86_400_000,
  });
}

function today(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(0, 10);
}
