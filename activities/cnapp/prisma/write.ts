import { z } from 'zod';
import type { Http } from '../../http.js';
import type { CnappSource } from '../port.js';
import type { Written } from '../write-back.js';
import type { PrismaApi } from './lists.js';

type Status = Parameters<CnappSource['setStatus']>[0];
const DSPM = 'dspm:';

/** Writes where Prisma Cloud takes anything: a dismissal or a snooze with its note, and the status of risk findings. */
export function prismaWriter(
  api: PrismaApi,
  now: () => number,
): Pick<CnappSource, 'comment' | 'setStatus' | 'tagAsset'> {
  return {
    comment: async () => ({
      refused:
        'Prisma Cloud has no comments on alerts; its only text is the note of a dismissal. The ticket has the conversation',
    }),
    setStatus: (wanted) =>
      wanted.sourceId.startsWith(DSPM)
        ? setRiskStatus(api.dspm, wanted)
        : setAlertStatus(api.http, wanted, now()),
    tagAsset: async () => ({ refused: 'Prisma Cloud has no call that tags a resource' }),
  };
}

const RISK_STATUS = {
  'in-progress': 'INVESTIGATING',
  resolved: 'HANDLED',
  rejected: 'WRONG',
  ignored: 'UNIMPORTANT',
} as const;

async function setRiskStatus(dspm: Http | undefined, wanted: Status): Promise<Written> {
  if (dspm === undefined) return { refused: 'the DSPM module is not configured here' };
  const id = wanted.sourceId.slice(DSPM.length);
  const status = RISK_STATUS[wanted.status];
  await dspm.send({
    doing: 'setting the status of a risk finding',
    method: 'PATCH',
    path: `/v1/risk-findings/id/${encodeURIComponent(id)}/status/${status}`,
    answer: z.unknown(),
    write: true,
  });
  return { where: `risk finding ${id}: ${status}` };
}

async function setAlertStatus(http: Http, wanted: Status, nowMs: number): Promise<Written> {
  if (wanted.status === 'in-progress')
    return { refused: 'an alert of Prisma Cloud has no state for work in progress' };
  if (wanted.status === 'resolved') {
    return { refused: 'Prisma Cloud resolves an alert itself when the resource complies at its next scan' };
  }
  const snoozed = wanted.untilIso !== undefined;
  const state = snoozed ? 'snoozed' : 'dismissed';
  const current = await readStatus(http, wanted.sourceId);
  if (current === undefined) return { refused: `Prisma Cloud does not know the alert ${wanted.sourceId}` };
  const where = `alert ${wanted.sourceId}: ${state}`;
  if (current === state) return { where };
  if (current !== 'open') return { refused: `the alert is ${current}; only an open one is ${state}` };
  await http.send({
    doing: snoozed ? 'snoozing an alert' : 'dismissing an alert',
    method: 'POST',
    path: '/alert/dismiss',
    body: {
      alerts: [wanted.sourceId],
      policies: [],
      // Required. It names the alert once more, so that it can never widen what is dismissed.
      filter: {
        timeRange: { type: 'to_now', value: 'epoch' },
        filters: [{ name: 'alert.id', operator: '=', value: wanted.sourceId }],
      },
      dismissalNote: wanted.reason.slice(0, 1000),
      ...(wanted.untilIso !== undefined && { dismissalTimeRange: timeRange(wanted.untilIso, nowMs) }),
    },
    answer: z.unknown(),
    write: true,
  });
  return { where };
}

/** Whole days, at least one: shorter snoozes are refused by the platform. */
function timeRange(untilIso: string, nowMs: number): unknown {
  const days = Math.max(1, Math.ceil((Date.parse(untilIso) - nowMs) / 86_400_000));
  return { type: 'relative', value: { amount: days, unit: 'day' } };
}

async function readStatus(http: Http, id: string): Promise<string | undefined> {
  const { status, body } = await http.send({
    doing: 'reading an alert',
    method: 'GET',
    path: `/alert/${encodeURIComponent(id)}?detailed=false`,
    answer: z.object({ status: z.string() }).or(z.unknown().transform(() => undefined)),
    alsoGood: [404],
  });
  return status === 404 ? undefined : body?.status.toLowerCase();
}
