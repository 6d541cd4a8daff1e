import type { Ladder } from '../../domain/approval/ladder.js';
import type { Severity } from '../../domain/finding/finding.js';
import type { Timing } from '../../domain/lifecycle/timing.js';

/** Asks people whether an applied change shall be undone. The decision arrives by `decide`, as for every request. */
export interface UndoChangeInput {
  /** The gateway's signature over who asks to undo what; nothing else here is believed. */
  ask: string;
  /** For people to read. */
  subject: string;
  kind: string;
  severity: Severity;
  ladder: Ladder;
  timing: Timing;
}

/** How asking for an undo ended. */
export interface UndoResult {
  undone: boolean;
  note: string;
}
