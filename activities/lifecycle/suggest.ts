import { z } from 'zod';
import type { DraftInput } from '../../domain/draft/model.js';
import { judgeSuggestion } from '../../domain/draft/suggestion.js';
import type { Finding } from '../../domain/finding/finding.js';
import type { AccountInput } from '../../domain/graph/account.js';
import type { Json } from '../../domain/json.js';
import type { JudgedSuggestion, Suggestion } from '../../domain/lifecycle/context.js';
import type { LoggingScope } from '../../domain/usage/logging.js';
import type { DraftRow, FindingRow } from '../ledger/port.js';
import { heartbeat } from './heartbeat.js';
import type { LifecyclePorts } from './ports.js';

type Ports = Pick<LifecyclePorts, 'ledger' | 'explainer' | 'log' | 'now' | 'digest'>;

/** Written by ourselves when the draft was proved; the rest of each input is read by the engine. */
const Usage = z.object({ rows: z.array(z.unknown()) });
const Window = z.object({ fromIso: z.string(), toIso: z.string(), logging: z.unknown() });

/**
 * Asks the model, where there is one, for smaller policies than the draft's, and proves what it offers from the inputs
 * that the draft itself was proved from. Undefined when nothing was offered; the call is logged in any case.
 */
export async function suggest(
  ports: Ports,
  lead: FindingRow,
  drafted: DraftRow,
): Promise<Suggestion | undefined> {
  const { key, finding } = lead;
  const { draft, context } = drafted;
  const offer = await ports.explainer.suggest({ key, finding, draft, context });
  if (offer === undefined) return undefined;
  const { call } = offer;
  if (offer.kind === 'unanswered') {
    ports.log('warn', 'a model offered no policy', { why: offer.why });
    await ports.ledger.logModelCall(call, []);
    return undefined;
  }
  heartbeat('a model offered policies');
  const judged: JudgedSuggestion | undefined =
    offer.kind === 'malformed'
      ? { kind: 'refused', reasonCode: 'malformed', reason: `It cannot be read: ${offer.why}.` }
      : await judge(ports, drafted, offer.documents);
  await ports.ledger.logModelCall(
    { ...call, outcome: judged?.kind === 'narrower' ? 'used' : 'rejected' },
    [],
  );
  if (judged === undefined) return undefined;
  return { judged, llmSessionId: call.llmSessionId, by: call.model, promptRef: offer.promptRef };
}

const MAX_REASON_CHARACTERS = 600;

async function judge(
  ports: Ports,
  drafted: DraftRow,
  documents: ReadonlyMap<number, Json>,
): Promise<JudgedSuggestion | undefined> {
  const input = await inputOf(ports, drafted);
  if (input === undefined) {
    const reason = 'What the draft was proved from is no longer kept, so it cannot be proved.';
    return { kind: 'refused', reasonCode: 'inputs-erased', reason };
  }
  const judged = judgeSuggestion(input, drafted.draft, documents);
  return judged?.kind === 'refused'
    ? { ...judged, reason: judged.reason.slice(0, MAX_REASON_CHARACTERS) }
    : judged;
}

async function inputOf(ports: Ports, { draft }: DraftRow): Promise<DraftInput | undefined> {
  const { inputs, blindSpots } = draft.proof;
  const read = (name: string) => ports.ledger.evidence(inputs[name] ?? '');
  const [finding, account, usage, window] = await Promise.all([
    read('finding'),
    read('account'),
    read('usage'),
    read('window'),
  ]);
  const [use, span] = [Usage.safeParse(usage), Window.safeParse(window)];
  if (finding === undefined || account === undefined || !use.success || !span.success) return undefined;
  const { fromIso, toIso, logging } = span.data;
  return {
    finding: finding as unknown as Finding,
    account: account as unknown as AccountInput,
    usage: use.data.rows,
    window: { fromIso, toIso },
    logging: logging as LoggingScope,
    gaps: blindSpots,
    usageScope: 'account',
    now: ports.now,
    digest: ports.digest,
  };
}
