import { z } from 'zod';
import {
  type RankedEvent,
  type RankedPrincipal,
  rankEvents,
  rankPrincipals,
} from '../../../domain/anomaly/rank.js';
import { isRecord } from '../../../domain/json.js';
import { checkShape } from './input.js';

const LineShape = z.object({
  events: z.array(z.unknown()),
  by: z.enum(['principal', 'event']).nullish(),
});

/**
 * `curtail anomaly`: identities, or events, by how unusual they are against the identity's own past, with reasons.
 * @throws PolicyError pointing into the line
 */
export function anomaly(line: unknown): { ranked: RankedPrincipal[] | RankedEvent[] } {
  const shape = checkShape(LineShape, line, '{"events": [CloudTrail record], "by"?: "principal" | "event"}');
  const records = shape.events.flatMap(recordsOf);
  return { ranked: shape.by === 'event' ? rankEvents(records) : rankPrincipals(records) };
}

/** A trail's file holds its records under one name. */
function recordsOf(item: unknown): readonly unknown[] {
  return isRecord(item) && Array.isArray(item['Records']) ? item['Records'] : [item];
}
