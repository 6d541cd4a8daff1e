import type { Json } from '../json.js';

/** How a refused record was dealt with: read after all, or a newer report of the same finding is there. */
export type QuarantineResolution = 'taken-in' | 'overtaken';

/** A record of a source that was not understood, kept as it came. */
export interface QuarantineRow {
  id: number;
  source: string;
  reason: string;
  /** JSON Pointer to the member that was not understood. */
  pointer?: string;
  line?: number;
  original: Json;
  atMs: number;
  resolvedMs?: number;
  resolution?: QuarantineResolution;
}
