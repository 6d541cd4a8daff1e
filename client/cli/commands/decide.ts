import { stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline/promises';
import type { DraftRow, RequestRow } from '../../../activities/ledger/port.js';
import type { GatewayApi } from '../api.js';
import type { OperationOptions } from '../operations.js';
import { printJson, safe } from '../print.js';
import { api, findFinding } from './findings.js';

type Options = OperationOptions & Record<string, unknown>;

/**
 * `curtail decide`: shows what is asked, then signs the person in with a one-time code and hands the decision to the
 * gateway, which checks and signs it as it does for a page. Exit 1 when it was refused.
 */
export async function decide(given: string, options: Options): Promise<0 | 1 | 2> {
  const wanted = wantedOf(options);
  const person = options['as'];
  if (wanted === undefined || typeof person !== 'string') {
    console.error(
      'say who you are and what you decide: --as <person> with --approve, --reject <reason>, or --keep <actions...> --because <reason>',
    );
    return 2;
  }
  const client = api(options);
  const finding = await findFinding(client, given);
  const asked = await openRequest(client, finding.key, options['request']);
  if (typeof asked !== 'object') {
    console.error(asked);
    return 1;
  }
  const path = `/requests/${encodeURIComponent(asked.id)}`;
  const { request, draft } = await client.get<{ request: RequestRow; draft: DraftRow | null }>(path);
  if (options.json !== true) describe(request, draft);
  const session = await signIn(client, person, options['code']);
  const receipt = await client.post<{ outcome: string; reason?: string }>(`${path}/decide`, {
    session,
    digest: request.request.digest,
    ...wanted,
  });
  if (options.json === true) printJson(receipt);
  else
    console.log(
      receipt.outcome === 'accepted' ? 'accepted' : safe(`${receipt.outcome}: ${receipt.reason ?? ''}`),
    );
  return receipt.outcome === 'accepted' ? 0 : 1;
}

/** The open request about a finding, a fix or an undo; or why none can be meant. */
async function openRequest(
  client: GatewayApi,
  findingKey: string,
  wanted: unknown,
): Promise<{ id: string } | string> {
  const query = new URLSearchParams({ finding: findingKey, status: 'open' });
  const { requests } = await client.get<{ requests: readonly RequestRow[] }>(`/requests?${query}`);
  const fitting = requests.filter(({ request }) => wanted === undefined || request.id === wanted);
  const [only] = fitting;
  if (only === undefined) return 'nothing is asked about this finding';
  if (fitting.length === 1) return { id: only.request.id };
  const ids = fitting.map(({ request, title }) => safe(`  ${request.id}  ${title}`));
  return ['several things are asked about this finding; say which with --request <id>:', ...ids].join('\n');
}

/** Signs a person in with a one-time code; what is returned is their session. */
export async function signIn(client: GatewayApi, person: string, given: unknown): Promise<string> {
  const { challenge } = await client.post<{ challenge: string }>('/sign-in', { person });
  const code = typeof given === 'string' ? given : await askCode();
  return (await client.post<{ session: string }>('/sign-in/code', { challenge, code })).session;
}

function wantedOf(
  options: Options,
): { verdict: string; reason?: string; keepActions?: readonly string[] } | undefined {
  const { approve, reject, keep, because } = options;
  if (approve === true && reject === undefined && keep === undefined) return { verdict: 'approve' };
  if (typeof reject === 'string' && keep === undefined) return { verdict: 'reject', reason: reject };
  if (Array.isArray(keep) && typeof because === 'string') {
    return {
      verdict: 'edit',
      reason: because,
      keepActions: keep.filter((action) => typeof action === 'string'),
    };
  }
  return undefined;
}

function describe(row: RequestRow, drafted: DraftRow | null): void {
  console.log(safe(row.title));
  console.log(safe(drafted?.explanation?.summary ?? row.summary));
  console.log(
    `risk ${Math.round(row.riskScore)}, ${safe(row.environment)}, proof ${drafted?.draft.proof.verdict ?? 'unknown'}, digest ${row.request.digest.slice(0, 16)}`,
  );
  const restores = drafted?.draft.proof.restores;
  if (restores !== undefined)
    console.log(
      safe(
        `it RESTORES access, asked for by ${restores.requestedBy}; ${restores.returns.length} actions return`,
      ),
    );
  for (const removed of drafted?.draft.removed.slice(0, 20) ?? [])
    console.log(safe(`  - ${removed.action}: ${removed.reason}`));
}

/** Asks for a one-time code at the terminal. */
export async function askCode(): Promise<string> {
  const terminal = createInterface({ input: stdin, output: stdout });
  try {
    return (
      await terminal.question(
        'one-time code (it was sent to you; without a mail server it is in the terminal of "curtail up"): ',
      )
    ).trim();
  } finally {
    terminal.close();
  }
}
