import type { HintedFindings } from '../../activities/contract.js';
import type { Timing } from '../../domain/lifecycle/timing.js';

/** What a platform's notification named, and the waits. */
export interface ReadHintedInput extends HintedFindings {
  timing: Timing;
}
