import { z } from 'zod';
import { isRecord } from '../../../domain/json.js';
import type { Http } from '../../http.js';
import { defined, readIso } from '../finding-parts.js';
import type { Part } from '../paged.js';
import { mapRecord } from '../record-map.js';
import type { Warnings } from '../warnings.js';
import type { OrcaConfig } from './config.js';
import { orcaMap } from './map.js';
import { type Condition, queryRows } from './wire.js';

const State = z.strictObject({ from: z.string().optional(), index: z.number().int().min(0) });
type State = z.output<typeof State>;

/**
 * Alerts, ordered by when they were made. The next page starts at the time of the last row and not at an index: rows
 * move up when an alert before them closes, and one that slipped past would read as resolved. The rows of that very time
 * come twice, which does no harm.
 */
export function orcaParts(config: OrcaConfig, http: Http, warnings: Warnings): Part[] {
  return [
    {
      name: 'alerts',
      needs: "an API token with the viewer's rights",
      read: async ({ state, sinceIso, signal }) => {
        const at: State = state === undefined ? { index: 0 } : State.parse(JSON.parse(state));
        const page = await queryRows(http, {
          doing: 'listing alerts',
          model: 'Alert',
          conditions: conditionsOf(config, at, sinceIso),
          limit: config.pageSize,
          index: at.index,
          orderBy: 'CreatedAt',
          ...(signal !== undefined && { signal }),
        });
        const records = page.rows.map((row) =>
          mapRecord(orcaMap, row, { evidence: new Map(), warn: warnings.warn }),
        );
        const next = page.nextIndex === undefined ? undefined : nextState(at, page.rows, page.nextIndex);
        return { records, ...(next !== undefined && { next: JSON.stringify(next) }) };
      },
    },
  ];
}

function conditionsOf(config: OrcaConfig, at: State, sinceIso: string | undefined): Condition[] {
  const statuses =
    sinceIso === undefined
      ? ['open', 'in_progress']
      : ['open', 'in_progress', 'snoozed', 'dismissed', 'closed'];
  return [
    { key: 'Category', type: 'str', operator: 'in', values: config.categories },
    { key: 'Status', type: 'str', operator: 'in', values: statuses },
    ...(sinceIso === undefined
      ? []
      : [
          {
            key: 'LastUpdated',
            type: 'datetime' as const,
            operator: 'date_gte' as const,
            values: [withOffset(sinceIso)],
          },
        ]),
    ...(at.from === undefined
      ? []
      : [{ key: 'CreatedAt', type: 'datetime' as const, operator: 'date_gte' as const, values: [at.from] }]),
  ];
}

/** Where rows are not in order, or all of one time, the index goes on instead. */
function nextState(at: State, rows: readonly unknown[], nextIndex: number): State {
  const times = rows.map(createdAt);
  const last = times.at(-1);
  const isOrdered = times.every((time, i) => time !== undefined && (i === 0 || (times[i - 1] ?? '') <= time));
  if (!isOrdered || last === undefined || withOffset(last) === at.from || times[0] === last) {
    return { index: nextIndex, ...defined({ from: at.from }) };
  }
  return { from: withOffset(last), index: 0 };
}

function createdAt(row: unknown): string | undefined {
  const data = isRecord(row) && isRecord(row['data']) ? row['data'] : {};
  const value = data['CreatedAt'];
  return readIso(isRecord(value) ? value['value'] : value);
}

/** Orca writes times with an offset and whole seconds. */
function withOffset(iso: string): string {
  return `${iso.slice(0, 19)}+00:00`;
}
