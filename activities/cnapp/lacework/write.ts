import { z } from 'zod';
import type { Http } from '../../http.js';
import type { CnappSource } from '../port.js';
import { markOf, withMark } from '../write-back.js';

type Status = Parameters<CnappSource['setStatus']>[0];

/** Reasons of a closed alert, by number (API v2). 5 is missing in the manual of the command line, so it is not used. */
const OTHER = 0;
const FALSE_POSITIVE = 1;
const NO_ALERT = 'only alerts of Lacework take comments and can be closed; identities and evaluations cannot';

/** Writes to alerts. There is no way back from closed, and nothing for work in progress. */
export function laceworkWriter(http: Http): Pick<CnappSource, 'comment' | 'setStatus' | 'tagAsset'> {
  return {
    comment: async ({ sourceId, key, text }) => {
      if (!isAlert(sourceId)) return { refused: NO_ALERT };
      const where = `comment on alert ${sourceId}`;
      const timeline = await readAlert(http, sourceId, 'Timeline');
      if (timeline === undefined) return { refused: `Lacework does not know the alert ${sourceId}` };
      if (JSON.stringify(timeline).includes(markOf(key))) return { where };
      await http.send({
        doing: 'commenting on an alert',
        method: 'POST',
        path: `/api/v2/Alerts/${sourceId}/comment`,
        body: { comment: withMark(text, key) },
        answer: z.unknown(),
        write: true,
      });
      return { where };
    },
    setStatus: (wanted) => close(http, wanted),
    tagAsset: async () => ({ refused: 'Lacework has no call that tags a resource' }),
  };
}

async function close(http: Http, wanted: Status): Promise<{ where: string } | { refused: string }> {
  if (!isAlert(wanted.sourceId)) return { refused: NO_ALERT };
  if (wanted.status === 'in-progress')
    return { refused: 'an alert of Lacework has no state for work in progress' };
  if (wanted.untilIso !== undefined) {
    return {
      refused: 'a closed alert of Lacework cannot be opened again, so nothing is closed for a while only',
    };
  }
  const alert = z
    .object({ data: z.object({ status: z.string() }) })
    .optional()
    .parse(await readAlert(http, wanted.sourceId, 'Details'));
  if (alert === undefined) return { refused: `Lacework does not know the alert ${wanted.sourceId}` };
  const where = `alert ${wanted.sourceId}: closed`;
  if (alert.data.status === 'Closed') return { where };
  const reason =
    wanted.status === 'rejected' && /false (?:positive|alarm)/i.test(wanted.reason) ? FALSE_POSITIVE : OTHER;
  await http.send({
    doing: 'closing an alert',
    method: 'POST',
    path: `/api/v2/Alerts/${wanted.sourceId}/close`,
    body: { reason, comment: wanted.reason.slice(0, 4000) || wanted.status },
    answer: z.unknown(),
    write: true,
  });
  return { where };
}

/** Whether the id is an alert's: those are numbers. */
export function isAlert(sourceId: string): boolean {
  return /^\d{1,20}$/.test(sourceId);
}

/** One alert in one of its views; undefined when it is gone. */
export async function readAlert(http: Http, id: string, scope: 'Details' | 'Timeline'): Promise<unknown> {
  const { status, body } = await http.send({
    doing: 'reading an alert',
    method: 'GET',
    path: `/api/v2/Alerts/${id}?scope=${scope}`,
    answer: z.unknown(),
    alsoGood: [404],
  });
  return status === 404 || body === undefined ? undefined : body;
}
