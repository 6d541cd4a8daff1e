import { audited } from './audit-append.js';
import { bodyToStore, fetchBodies, storeBodies } from './body-store.js';
import type { Ledger, ModelCallRow } from './port.js';
import type { StoreDeps } from './store.js';

/** What stands in for a text whose key was destroyed. */
const ERASED = '[erased]';

/** Every call of a model. The two texts are evidence under their digests, so that a retention policy can erase them. */
export function createModelCallStore(deps: StoreDeps): Pick<Ledger, 'logModelCall' | 'modelCalls'> {
  const { sql, keys } = deps;
  return {
    async logModelCall(row, audit) {
      const { redactedPrompt, answer, ...call } = row;
      const prompt = bodyToStore('prompt', redactedPrompt);
      const answered = bodyToStore('answer', answer);
      await audited(deps, audit, async (sql) => {
        await storeBodies(sql, [prompt, answered], { keys, nowMs: deps.now() });
        await sql.query(
          `INSERT INTO model_calls (llm_session_id, finding_key, call, prompt_body_digest, answer_body_digest)
           VALUES ($1, $2, $3, $4, $5) ON CONFLICT (llm_session_id) DO NOTHING`,
          [row.llmSessionId, row.findingKey, JSON.stringify(call), prompt.digest, answered.digest],
        );
      });
    },
    async modelCalls(findingKey) {
      const rows = await sql.query<{ call: string; prompt_body_digest: string; answer_body_digest: string }>(
        'SELECT * FROM model_calls WHERE finding_key = $1 ORDER BY number',
        [findingKey],
      );
      const digests = rows.flatMap((row) => [row.prompt_body_digest, row.answer_body_digest]);
      const texts = await fetchBodies(sql, digests, keys);
      return rows.map((row) => ({
        ...(JSON.parse(row.call) as Omit<ModelCallRow, 'redactedPrompt' | 'answer'>),
        redactedPrompt: String(texts.get(row.prompt_body_digest) ?? ERASED),
        answer: String(texts.get(row.answer_body_digest) ?? ERASED),
      }));
    },
  };
}
