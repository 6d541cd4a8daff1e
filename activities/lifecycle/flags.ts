import type { Phase } from '../../domain/lifecycle/stage.js';
import type { DraftRow } from '../ledger/port.js';

/** What a flag may target. */
export interface FlagContext {
  findingKey: string;
  account?: string;
  team?: string;
  environment?: string;
  kind?: string;
  risk?: number;
  confidence?: number;
  /** What would be applied: a fix, or an undo that somebody asked for. */
  act?: 'fix' | 'undo';
}

/** What the flags say now. Stale or invalid flags mean `observe`, and no standing approval. */
export interface FlagReading {
  phase: Phase;
  killSwitch: boolean;
  standingApprovals: boolean;
  stale: boolean;
}

/**
 * Everything that a flag may target of a finding and its draft. Drafting and applying ask with the same, so that a
 * switch which is set for a team or an environment counts in both places.
 */
export function flagContext(
  finding: { key: string; kind: string | undefined },
  drafted: Pick<DraftRow, 'draft' | 'context'>,
): FlagContext {
  const { context, draft } = drafted;
  return {
    findingKey: finding.key,
    environment: context.environment,
    risk: draft.riskBefore.value,
    confidence: draft.confidence.value,
    act: draft.proof.verdict === 'restores' ? 'undo' : 'fix',
    ...(finding.kind !== undefined && { kind: finding.kind }),
    ...(context.account !== undefined && { account: context.account }),
    ...(context.owner.team !== undefined && { team: context.owner.team }),
  };
}
