import type { Phase } from '../../domain/lifecycle/stage.js';

/** What a flag may target. */
export interface FlagContext {
  findingKey: string;
  account?: string;
  team?: string;
  environment?: string;
  kind?: string;
  risk?: number;
  confidence?: number;
}

/** What the flags say now. Stale or invalid flags mean `observe`, and no standing approval. */
export interface FlagReading {
  phase: Phase;
  killSwitch: boolean;
  standingApprovals: boolean;
  stale: boolean;
}
