import { z } from 'zod';
import { Failure, FailureType } from '../../domain/failure.js';
import { readVerdict } from '../../domain/guardrail/verdict.js';
import { type AdapterDeps, adapter } from '../adapter.js';
import type { Guardrail, GuardrailInput, GuardrailVerdict } from './port.js';

/** An OPA server that the organisation runs (openpolicyagent.org, "REST API", Data API). */
const OpaServerConfig = z.strictObject({
  adapter: z.literal('opa'),
  url: z.string().min(1),
  /** Path of the decision below `/v1/data/`. */
  path: z.string().default('curtail/decision'),
  token: z.string().optional(),
  timeoutMs: z.number().int().positive().default(5_000),
});
type OpaServerConfig = z.output<typeof OpaServerConfig>;

const Answer = z.object({ result: z.unknown(), provenance: z.unknown().optional() });

const MAX_ANSWER_CHARACTERS = 200_000;

function openOpaServer(config: OpaServerConfig, deps: AdapterDeps): Guardrail {
  return { decide: (input) => decide(config, deps, input) };
}

async function decide(
  config: OpaServerConfig,
  deps: AdapterDeps,
  input: GuardrailInput,
): Promise<GuardrailVerdict> {
  const base = config.url.replace(/\/+$/, '');
  const token = config.token === undefined ? undefined : await deps.resolveSecret(config.token);
  const headers = {
    'content-type': 'application/json',
    ...(token !== undefined && { authorization: `Bearer ${token.reveal()}` }),
  };
  const text = await answerText(
    `${base}/v1/data/${config.path}?provenance=true`,
    headers,
    input,
    config,
    deps,
  );
  const answer = Answer.safeParse(parseJson(text));
  const verdict = readVerdict(answer.success ? answer.data.result : undefined);
  return { ...verdict, digest: revisionOf(answer.success ? answer.data.provenance : undefined) };
}

async function answerText(
  url: string,
  headers: Record<string, string>,
  input: GuardrailInput,
  config: OpaServerConfig,
  deps: AdapterDeps,
): Promise<string> {
  let response: Response;
  let text: string;
  try {
    response = await deps.fetch(url, {
      method: 'POST',
      headers,
      body: JSON.stringify({ input }),
      redirect: 'error',
      signal: AbortSignal.timeout(config.timeoutMs),
    });
    text = await response.text();
  } catch (cause) {
    throw new Failure(FailureType.VendorUnavailable, 'opa: asking for a decision: no answer', { cause });
  }
  const doing = `opa: asking for a decision: HTTP ${response.status}`;
  if (response.status === 401 || response.status === 403) throw new Failure(FailureType.VendorAuth, doing);
  if (response.status === 429) throw new Failure(FailureType.VendorThrottled, doing);
  if (response.status >= 500) throw new Failure(FailureType.VendorUnavailable, doing);
  if (!response.ok) throw new Failure(FailureType.VendorRejected, doing);
  return text.slice(0, MAX_ANSWER_CHARACTERS);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no answer, which readVerdict turns into a no
  }
}

/** The server's bundle revisions name the policies; a server without bundles cannot say which ones answered. */
function revisionOf(provenance: unknown): string {
  const parsed = z
    .object({ bundles: z.record(z.string(), z.object({ revision: z.string() })) })
    .safeParse(provenance);
  if (!parsed.success) return 'opa:unknown';
  const revisions = Object.entries(parsed.data.bundles).map(([name, { revision }]) => `${name}@${revision}`);
  return `opa:${revisions.sort().join(',').slice(0, 500)}`;
}

/** Guardrails decided by an organisation's own OPA server. */
export const opaServer = adapter(OpaServerConfig, openOpaServer);
