import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { isRecord } from '../../domain/json.js';
import type { BareShape } from './bare-workflow.js';

/** One recorded life: its events, by type, and what they carry. */
export interface RecordedLife {
  /** Types of its events in order, without those that only say when the worker was asked. */
  types: readonly string[];
  payloadBytes: number;
  shape: BareShape;
  /** Result of each activity, as it was. */
  results: Readonly<Record<string, unknown>>;
  /** Length of the signed decision that was offered. */
  grantBytes: number;
}

type Event = Record<string, unknown>;

/** Reads back a life that has ended. */
export async function recordedLife(client: Client, workflowId: string): Promise<RecordedLife> {
  const history = await client.workflow.getHandle(workflowId).fetchHistory();
  const { events } = JSON.parse(historyToJSON(history)) as { events: Event[] };
  const names = new Map<string, string>();
  const inputBytes: Record<string, number> = {};
  const results: Record<string, unknown> = {};
  let receipt: unknown;
  let grantBytes = 0;
  let waitingFor = '';
  for (const event of events) {
    const scheduled = event['activityTaskScheduledEventAttributes'];
    if (isRecord(scheduled)) {
      const name = String((scheduled['activityType'] as Event)['name']);
      names.set(String(event['eventId']), name);
      inputBytes[name] = payloadBytes(scheduled['input']);
    }
    const completed = event['activityTaskCompletedEventAttributes'];
    if (isRecord(completed))
      results[names.get(String(completed['scheduledEventId'])) ?? ''] = payloadValue(completed['result']);
    const accepted = event['workflowExecutionUpdateAcceptedEventAttributes'];
    if (isRecord(accepted)) {
      const offered = payloadValue(((accepted['acceptedRequest'] as Event)['input'] as Event)['args']);
      grantBytes = isRecord(offered) ? String(offered['grant']).length : 0;
    }
    const answered = event['workflowExecutionUpdateCompletedEventAttributes'];
    if (isRecord(answered)) receipt = payloadValue((answered['outcome'] as Event)['success']);
  }
  const asked = results['ask'];
  if (isRecord(asked)) waitingFor = String(asked['waitingFor']);
  const ended = events.at(-1)?.['workflowExecutionCompletedEventAttributes'];
  const result = payloadValue(isRecord(ended) ? ended['result'] : undefined) as BareShape['result'];
  return {
    types: events
      .map((event) => String(event['eventType']))
      .filter((type) => !type.includes('WORKFLOW_TASK')),
    payloadBytes: payloadBytes(events),
    shape: { inputBytes, waitingFor, receipt, result },
    results,
    grantBytes,
  };
}

/** Why one is not the bare form of the other, or undefined when it is. */
export function differenceOf(real: RecordedLife, bare: RecordedLife): string | undefined {
  const [ofReal, ofBare] = [real.types.join('\n'), bare.types.join('\n')];
  if (ofReal !== ofBare) return `other events:\n${ofReal}\n— against —\n${ofBare}`;
  const ratio = bare.payloadBytes / real.payloadBytes;
  return Math.abs(ratio - 1) <= 0.1 ? undefined : `${bare.payloadBytes} bytes against ${real.payloadBytes}`;
}

/** Bytes of all payloads' values in a part of a history. */
function payloadBytes(part: unknown): number {
  if (Array.isArray(part))
    return (part as unknown[]).reduce<number>((sum, each) => sum + payloadBytes(each), 0);
  if (!isRecord(part)) return 0;
  if (isRecord(part['metadata']) && typeof part['data'] === 'string')
    return Buffer.from(part['data'], 'base64').length;
  return Object.values(part).reduce<number>((sum, each) => sum + payloadBytes(each), 0);
}

/** The first payload's JSON value; undefined where there is none. */
function payloadValue(payloads: unknown): unknown {
  const list = isRecord(payloads) ? payloads['payloads'] : undefined;
  const [payload] = Array.isArray(list) ? (list as unknown[]) : [];
  if (!isRecord(payload) || typeof payload['data'] !== 'string' || payload['data'] === '') return undefined;
  return JSON.parse(Buffer.from(payload['data'], 'base64').toString()) as unknown;
}
