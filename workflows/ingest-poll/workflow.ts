import { continueAsNew, proxyActivities, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { Activities, Polled } from '../../activities/contract.js';
import type { Timing } from '../../domain/lifecycle/timing.js';
import { keyedWrite } from '../activity-options.js';

/** Which source one poll reads. */
export interface IngestPollInput {
  /** Name of the configured source. */
  source: string;
  scanId?: string;
  cursor?: string;
  timing: Timing;
  totals?: PollTotals;
}
/** What one poll brought. */
export interface PollTotals {
  seen: number;
  started: number;
  refused: number;
  resolved: number;
}

/** Pages between two runs: keeps a history small however long the list is. */
const PAGES_A_RUN = 200;

/** Reads one source to its end, page by page; a page's cursor is durable, so a crash repeats one page at most. */
export async function ingestPoll(input: IngestPollInput): Promise<PollTotals> {
  const { pollSource } = proxyActivities<Activities>(keyedWrite(input.timing));
  const scanId = input.scanId ?? workflowInfo().runId;
  let cursor = input.cursor;
  let totals = input.totals ?? { seen: 0, started: 0, refused: 0, resolved: 0 };
  for (let page = 0; page < PAGES_A_RUN; page += 1) {
    const polled = await pollSource({
      source: input.source,
      scanId,
      ...(cursor !== undefined && { cursor }),
    });
    totals = add(totals, polled);
    setCurrentDetails(
      `### ${input.source}\n\n${totals.seen} seen, ${totals.started} started, ${totals.refused} refused`,
    );
    if (polled.nextCursor === undefined) return totals;
    cursor = polled.nextCursor;
  }
  return continueAsNew<typeof ingestPoll>({
    ...input,
    scanId,
    ...(cursor !== undefined && { cursor }),
    totals,
  });
}

function add(totals: PollTotals, polled: Polled): PollTotals {
  return {
    seen: totals.seen + polled.seen,
    started: totals.started + polled.started,
    refused: totals.refused + polled.refused,
    resolved: totals.resolved + polled.resolved,
  };
}
