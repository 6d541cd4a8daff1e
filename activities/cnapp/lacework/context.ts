import { Failure, FailureType } from '../../../domain/failure.js';
import type { Finding } from '../../../domain/finding/finding.js';
import { isRecord } from '../../../domain/json.js';
import type { Http } from '../../http.js';
import { plainText } from '../finding-parts.js';
import type { SourceContext } from '../port.js';
import { entitlementsQuery, LQL_DAYS, LQL_ROWS } from './entitlements.js';
import { askLql } from './wire.js';

const NEIGHBOURS = 100;
const NO_DATA_EVENTS =
  'Lacework keeps no data events of CloudTrail: reading and writing of objects is not in its last use.';

/** Who reaches what, by the entitlements of `LW_CE_ENTITLEMENTS`. */
export async function laceworkContext(http: Http, finding: Finding, nowMs: number): Promise<SourceContext> {
  const isStore = finding.subject.type === 'store';
  try {
    const rows = await askLql(http, {
      doing: 'asking for entitlements',
      queryText: entitlementsQuery(isStore ? 'RESOURCE_ID' : 'PRINCIPAL_ID', [finding.subject.id]),
      limit: LQL_ROWS,
      days: LQL_DAYS,
      nowMs,
    });
    const others = neighbours(rows, isStore ? 'PRINCIPAL_ID' : 'RESOURCE_ID');
    return {
      reaches: isStore ? [] : others.map((each) => ({ ...each, labels: [] })),
      reachedBy: isStore ? others : [],
      notes: [
        NO_DATA_EVENTS,
        ...(rows.length >= LQL_ROWS ? [`Only the first ${LQL_ROWS} entitlements were read.`] : []),
      ],
    };
  } catch (error) {
    if (!(error instanceof Failure) || error.type !== FailureType.VendorRejected) throw error;
    return {
      reaches: [],
      reachedBy: [],
      notes: [`Lacework does not answer about entitlements: ${error.message}`],
    };
  }
}

function neighbours(
  rows: readonly unknown[],
  column: 'PRINCIPAL_ID' | 'RESOURCE_ID',
): { id: string; type: string }[] {
  const found = new Map<string, { id: string; type: string }>();
  for (const row of rows) {
    const id = isRecord(row) ? plainText(row[column], 2048) : undefined;
    if (id === undefined || !isRecord(row) || found.size >= NEIGHBOURS) continue;
    const type =
      column === 'PRINCIPAL_ID'
        ? 'identity'
        : [row['SERVICE'], row['RESOURCE_TYPE']]
            .filter((each) => typeof each === 'string' && each !== '*')
            .join(' ');
    found.set(`${type} ${id}`, { id, type: plainText(type) ?? 'resource' });
  }
  return [...found.values()];
}
