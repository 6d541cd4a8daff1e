import { z } from 'zod';
import { Failure, FailureType } from '../../../domain/failure.js';
import { isRecord } from '../../../domain/json.js';
import type { Log } from '../../adapter.js';
import type { Http } from '../../http.js';
import type { Evidence } from '../record-map.js';
import { prismaMap } from './map.js';

/** Principals that one query names. */
const NAMES = 40;
/** Rows that are read for one query at most. */
const MAX_ROWS = 20_000;
const PAGE_ROWS = 5000;

const Answer = z.object({
  data: z.object({ items: z.array(z.unknown()).nullish(), nextPageToken: z.string().nullish() }),
});

/** The permission search of the IAM module. */
export interface Permissions {
  /** Rows of principals with these ids, as evidence. Without the module there is none, and that is said once. */
  evidence(principals: readonly string[]): Promise<Evidence>;
  /** Rows that a query answers, at most `limit`. */
  rows(query: string, limit: number): Promise<{ rows: readonly unknown[]; isCut: boolean }>;
}

/** RQL over `POST /iam/api/v4/search/permission` (IAMV2MicroService.json). */
export function permissionSearch(http: Http, log: Log): Permissions {
  let isAbsent = false;
  async function rows(query: string, limit: number): Promise<{ rows: readonly unknown[]; isCut: boolean }> {
    const found: unknown[] = [];
    let token: string | undefined;
    do {
      const { body } = await http.send({
        doing: 'searching permissions',
        method: 'POST',
        path: `/iam/api/v4/search/permission?limit=${Math.min(PAGE_ROWS, limit)}`,
        body: { query, ...(token !== undefined && { nextPageToken: token }) },
        answer: Answer,
      });
      const next = body.data.nextPageToken ?? undefined;
      if (next !== undefined && next === token) {
        throw new Failure(FailureType.VendorShape, 'prisma: searching permissions: the same page came twice');
      }
      for (const row of body.data.items ?? []) found.push(row);
      token = next;
    } while (token !== undefined && found.length < limit);
    return { rows: found.slice(0, limit), isCut: token !== undefined };
  }
  async function evidence(principals: readonly string[]): Promise<Evidence> {
    const found: Evidence = new Map();
    const byName = [...new Set(principals.map(nameOf))].filter((name) => name !== '');
    for (let i = 0; i < byName.length && !isAbsent; i += NAMES) {
      const names = byName.slice(i, i + NAMES).map(rqlText);
      const answer = await rows(
        `config from iam where source.cloud.resource.name IN ( ${names.join(', ')} )`,
        MAX_ROWS,
      );
      for (const row of answer.rows) prismaMap.gather?.(row, found);
      if (!answer.isCut) continue;
      log('warn', 'more permissions than are read; the rest is not evidence', {
        vendor: 'prisma',
        rows: MAX_ROWS,
      });
    }
    const wanted = new Set(principals);
    return new Map([...found].filter(([id]) => wanted.has(id)));
  }
  return {
    rows,
    evidence: async (principals) => {
      try {
        return await evidence(principals);
      } catch (error) {
        if (!(error instanceof Failure) || !isModuleAbsent(error)) throw error;
        isAbsent = true;
        log('warn', 'the IAM module does not answer; alerts come without permissions', {
          vendor: 'prisma',
          reason: error.message,
        });
        return new Map();
      }
    },
  };
}

/** Not licensed or not allowed: the alerts are worth having all the same. */
function isModuleAbsent(error: Failure): boolean {
  return (
    error.type === FailureType.VendorRejected ||
    (error.type === FailureType.VendorAuth && error.message.includes('HTTP 403'))
  );
}

/** The resource's own name, as RQL compares it. */
export function nameOf(id: string): string {
  return id.slice(Math.max(id.lastIndexOf('/'), id.lastIndexOf(':')) + 1);
}

/** A name as text of RQL. Quotes and backslashes are taken out: RQL has no documented escape, and names have none. */
export function rqlText(name: string): string {
  return `'${name.replace(/['"\\\n\r]/g, '').slice(0, 256)}'`;
}

/** A member of a row as text. */
export function cell(row: unknown, name: string): string | undefined {
  const value = isRecord(row) ? row[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}
