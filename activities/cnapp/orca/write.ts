import { z } from 'zod';
import { Failure, FailureType } from '../../../domain/failure.js';
import { isRecord } from '../../../domain/json.js';
import type { Http } from '../../http.js';
import type { CnappSource } from '../port.js';
import { markOf, type Written, withMark } from '../write-back.js';
import { queryRows } from './wire.js';

type Status = Parameters<CnappSource['setStatus']>[0];

/** Byte for byte as the path wants them: the verbs are `close` and `dismiss`, the states `closed` and `dismissed`. */
const VERBS = {
  'in-progress': 'in_progress',
  resolved: 'close',
  rejected: 'dismiss',
  ignored: 'dismiss',
} as const;

/** Orca answers an unknown alert with 500 on a status and 400 elsewhere, and a state that is set already with an error. */
const KNOWN_ERRORS = [400, 404, 500];

/** Writes to alerts and assets. */
export function orcaWriter(
  http: Http,
  now: () => number,
): Required<Pick<CnappSource, 'comment' | 'setStatus' | 'tagAsset' | 'rescan'>> {
  return {
    comment: async ({ sourceId, key, text }) => {
      const where = `comment on ${sourceId}`;
      if (await hasComment(http, sourceId, key)) return { where };
      return put(http, {
        doing: 'commenting',
        path: `${alertPath(sourceId)}/comment`,
        body: { comment: withMark(text, key) },
        where,
      });
    },
    setStatus: (wanted) => setStatus(http, wanted, now()),
    rescan: (sourceId) =>
      put(http, {
        doing: 'asking for a re-check',
        path: `${alertPath(sourceId)}/verify`,
        where: `re-check of ${sourceId}`,
      }),
    tagAsset: ({ resourceId, tags }) => tagAsset(http, resourceId, tags),
  };
}

function alertPath(sourceId: string): string {
  return `/api/alerts/${encodeURIComponent(sourceId)}`;
}

async function setStatus(http: Http, wanted: Status, nowMs: number): Promise<Written> {
  const where = `${wanted.sourceId}: ${VERBS[wanted.status]}`;
  if (wanted.status === 'ignored' && wanted.untilIso !== undefined) {
    const days = Math.max(1, Math.ceil((Date.parse(wanted.untilIso) - nowMs) / 86_400_000));
    return put(http, {
      doing: 'snoozing',
      path: `${alertPath(wanted.sourceId)}/snooze`,
      body: { days },
      where: `${wanted.sourceId}: snoozed for ${days} days`,
    });
  }
  return put(http, {
    doing: 'setting a status',
    path: `${alertPath(wanted.sourceId)}/status/${VERBS[wanted.status]}`,
    where,
  });
}

async function put(
  http: Http,
  asked: { doing: string; path: string; body?: unknown; where: string },
): Promise<Written> {
  const { status, body } = await http.send({
    doing: asked.doing,
    method: 'PUT',
    path: asked.path,
    answer: z.unknown(),
    alsoGood: KNOWN_ERRORS,
    write: true,
    ...(asked.body !== undefined && { body: asked.body }),
  });
  if (status < 400) return { where: asked.where };
  const words = wordsOf(body);
  if (/requested to set same configuration/i.test(words)) return { where: asked.where };
  if (status === 404 || /does not exist|not found/i.test(words))
    return { refused: 'Orca does not know this alert' };
  if (status === 500)
    throw new Failure(FailureType.WriteOutcomeUnknown, `orca: ${asked.doing}: HTTP 500: ${words}`);
  throw new Failure(FailureType.VendorRejected, `orca: ${asked.doing}: HTTP ${status}: ${words}`);
}

function wordsOf(body: unknown): string {
  return JSON.stringify(body ?? '')
    .replace(/\s+/g, ' ')
    .slice(0, 300);
}

const Log = z.object({ event_log: z.array(z.unknown()).nullish(), data: z.array(z.unknown()).nullish() });

async function hasComment(http: Http, sourceId: string, key: string): Promise<boolean> {
  const { status, body } = await http.send({
    doing: 'reading the event log of an alert',
    method: 'GET',
    path: `${alertPath(sourceId)}/event_log?limit=100&type=comment`,
    answer: Log.or(z.unknown().transform(() => undefined)),
    alsoGood: [400, 404],
  });
  if (status >= 400) return false;
  const entries = body?.event_log ?? body?.data ?? [];
  return entries.some((entry) => JSON.stringify(entry).includes(markOf(key)));
}

/** Tags are set one by one on the asset's own id, which is not the id in alerts. */
async function tagAsset(
  http: Http,
  resourceId: string,
  tags: Readonly<Record<string, string>>,
): Promise<Written> {
  const page = await queryRows(http, {
    doing: 'looking an asset up',
    model: 'Inventory',
    conditions: [
      {
        key: resourceId.startsWith('arn:') ? 'Arn' : 'AssetUniqueId',
        type: 'str',
        operator: 'in',
        values: [resourceId],
      },
    ],
    limit: 2,
    index: 0,
  });
  const [asset, second] = page.rows;
  const id = isRecord(asset) ? asset['id'] : undefined;
  if (typeof id !== 'string') return { refused: `Orca has no asset ${resourceId}` };
  if (second !== undefined) return { refused: `Orca has several assets ${resourceId}` };
  const path = `/api/manual_tags/${encodeURIComponent(id)}`;
  const current = await http.send({
    doing: 'reading the tags of an asset',
    method: 'GET',
    path,
    answer: z.object({ data: z.record(z.string(), z.unknown()).nullish() }),
  });
  const known = new Map(Object.entries(current.body.data ?? {}));
  for (const [tag_key, tag_value] of Object.entries(tags)) {
    if (known.get(tag_key) === tag_value) continue;
    await http.send({
      doing: 'tagging an asset',
      method: 'POST',
      path,
      body: { tag_key, tag_value },
      answer: z.unknown(),
      write: true,
    });
  }
  return { where: `tags of asset ${id}` };
}
