import { z } from 'zod';
import { Failure, FailureType } from '../../../domain/failure.js';
import type { AdapterDeps } from '../../adapter.js';
import { createHttp, retryAfter } from '../../http.js';
import { patiently } from '../patience.js';
import type { SlackConfig } from './config.js';

/** Calls a method of Slack's Web API. What `tolerated` names of its refusals comes back as `{ refused }`. */
export type CallSlack = <Schema extends z.ZodType>(call: {
  method: string;
  body: Readonly<Record<string, unknown>>;
  answer: Schema;
  write?: boolean;
  timeoutMs?: number;
  tolerated?: readonly string[];
}) => Promise<{ answer: z.output<Schema> } | { refused: string }>;

/** A throttled call that names no time waits this long; a channel takes about one message a second. */
const DEFAULT_WAIT_MS = 30_000;
const Envelope = z.looseObject({
  ok: z.boolean(),
  error: z.string().max(200).optional(),
  needed: z.string().max(500).optional(),
});
/** Refusals that name the token, or what it lacks. https://docs.slack.dev/reference/methods/chat.postMessage#errors */
const AUTH = new Set([
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'missing_scope',
  'no_permission',
  'org_login_required',
  'not_allowed_token_type',
]);
/** Refusals that another try may mend; Slack may have done part of the work. */
const PASSING = new Set(['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout']);

/** Opens the Web API. Slack answers refusals with status 200 and `ok: false`; they become failures here. */
export async function openWebApi(config: SlackConfig, deps: AdapterDeps): Promise<CallSlack> {
  const token = await deps.resolveSecret(config.token);
  const http = createHttp({
    vendor: 'slack',
    baseUrl: config.apiUrl,
    fetch: deps.fetch,
    now: deps.now,
    headers: async () => ({ authorization: `Bearer ${token.reveal()}` }),
    onCall: (call) => deps.log('debug', 'call', { ...call }),
  });
  return async ({ method, body, answer, write = false, timeoutMs = config.timeoutMs, tolerated = [] }) => {
    const sent = await patiently(() =>
      http.send({
        doing: method,
        method: 'POST',
        path: method,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: formOf(body),
        answer: Envelope,
        timeoutMs,
        write,
      }),
    );
    const { ok, error = 'unknown', needed } = sent.body;
    if (!ok && tolerated.includes(error)) return { refused: error };
    if (!ok) throw refusal({ method, error, needed, headers: sent.headers, write });
    const parsed = answer.safeParse(sent.body);
    if (parsed.success) return { answer: parsed.data };
    throw new Failure(FailureType.VendorShape, `slack: ${method}: unexpected answer`);
  };
}

/** Every method takes forms, only some take JSON; structured arguments are JSON texts in a form. */
function formOf(body: Readonly<Record<string, unknown>>): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(body)) {
    if (value !== undefined) form.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  return form.toString();
}

function refusal(on: {
  method: string;
  error: string;
  needed: string | undefined;
  headers: Headers;
  write: boolean;
}): Failure {
  const { method, error, needed, headers, write } = on;
  const lacking = needed === undefined ? '' : `; the app needs the scope ${needed}`;
  const message = `slack: ${method}: ${error}${lacking}`;
  if (AUTH.has(error)) return new Failure(FailureType.VendorAuth, message);
  if (error === 'ratelimited' || error === 'rate_limited')
    return new Failure(FailureType.VendorThrottled, message, {
      retryAfterMs: DEFAULT_WAIT_MS,
      ...retryAfter(headers),
    });
  if (PASSING.has(error))
    return new Failure(write ? FailureType.WriteOutcomeUnknown : FailureType.VendorUnavailable, message);
  return new Failure(FailureType.VendorRejected, message);
}
