import type { Timing } from '../../domain/lifecycle/timing.js';

/** A person's question about a draft that they were shown. */
export interface QuestionInput {
  /** Key of the finding. */
  key: string;
  /** Digest of the draft. */
  digest: string;
  question: string;
  personId: string;
  timing: Timing;
}
