import { readdirSync } from 'node:fs';
import { isRecord } from '../../domain/json.js';

/** Folder of the recorded histories, one folder a workflow. */
export const HISTORIES = new URL('histories/', import.meta.url);

export function pathOf(workflow: string, name: string): URL {
  return new URL(`${workflow}/${name}.json`, HISTORIES);
}

/** Every recorded history, as `<workflow>/<name>`. */
export function recorded(): readonly string[] {
  return readdirSync(HISTORIES, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort();
}

/** A recorded history, as `temporal workflow show --output json` writes it. */
export interface History {
  events: Record<string, unknown>[];
}

/** How a history ended: the outcome of a life, `continued-as-new`, or the type of its last event. */
export function endingOf(history: History): string {
  const last = history.events.at(-1) ?? {};
  if (last['eventType'] === 'EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW') return 'continued-as-new';
  const result = resultOf(last['workflowExecutionCompletedEventAttributes']);
  if (isRecord(result) && typeof result['outcome'] === 'string') return result['outcome'];
  if (isRecord(result) && typeof result['undone'] === 'boolean')
    return result['undone'] ? 'undone' : 'the fix stands';
  if (isRecord(result) && typeof result['seen'] === 'number') return 'read to the end';
  return String(last['eventType']);
}

function resultOf(attributes: unknown): unknown {
  const result = isRecord(attributes) ? attributes['result'] : undefined;
  const payloads = isRecord(result) ? result['payloads'] : undefined;
  const [payload] = Array.isArray(payloads) ? (payloads as unknown[]) : [];
  const encoded = isRecord(payload) ? payload['data'] : undefined;
  return typeof encoded === 'string'
    ? (JSON.parse(Buffer.from(encoded, 'base64').toString()) as unknown)
    : undefined;
}
