import type { FindingRow } from '../../activities/ledger/port.js';
import type { SafeHtml } from '../../domain/text/html.js';
import { chip } from './layout.js';
import { OUTCOME_WORDS, STAGE_WORDS } from './words.js';

/** Where a finding stands, in a chip. */
export function standing(row: Pick<FindingRow, 'stage' | 'outcome'>): SafeHtml {
  return chip(row.outcome === undefined ? STAGE_WORDS[row.stage] : OUTCOME_WORDS[row.outcome]);
}
