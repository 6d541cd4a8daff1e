import { z } from 'zod';
import { Failure, FailureType } from '../../../domain/failure.js';
import { MaybeText } from '../finding-parts.js';
import type { CnappSource } from '../port.js';
import { markOf, type Written, withMark } from '../write-back.js';
import { ADD_NOTE, ISSUE_STATE, SET_STATUS } from './queries.js';
import type { WizApi } from './wire.js';

const State = z
  .object({
    id: z.string(),
    type: MaybeText,
    status: MaybeText,
    notes: z.array(z.object({ text: MaybeText })).nullish(),
  })
  .nullish();
type Status = Parameters<CnappSource['setStatus']>[0];

const NO_ISSUE = 'only issues of Wiz take notes and a status; excessive access and data findings do not';

/** Writes to issues: notes, and the status where Wiz leaves it to people. */
export function wizWriter(api: WizApi): Pick<CnappSource, 'comment' | 'setStatus' | 'tagAsset'> {
  async function stateOf(id: string): Promise<z.output<typeof State>> {
    try {
      const data = await api.ask({ doing: 'reading an issue', query: ISSUE_STATE, variables: { id } });
      return State.parse(data['issue']);
    } catch (error) {
      if (error instanceof Failure && isUnknownIssue(error)) return undefined;
      throw error;
    }
  }
  return {
    comment: async ({ sourceId, key, text }) => {
      const issue = await stateOf(sourceId);
      if (issue == null) return { refused: NO_ISSUE };
      const where = `note on issue ${sourceId}`;
      if (issue.notes?.some((note) => note.text?.includes(markOf(key)) === true) === true) return { where };
      const input = { issueId: sourceId, text: withMark(text, key) };
      await api.ask({ doing: 'adding a note', query: ADD_NOTE, variables: { input }, write: true });
      return { where };
    },
    setStatus: async (wanted) => {
      const issue = await stateOf(wanted.sourceId);
      if (issue == null) return { refused: NO_ISSUE };
      const patch = patchFor(wanted, issue.type);
      if ('refused' in patch) return patch;
      const where = `issue ${wanted.sourceId}`;
      if (issue.status === patch.status) return { where };
      await api.ask({
        doing: 'setting a status',
        query: SET_STATUS,
        variables: { issueId: wanted.sourceId, patch },
        write: true,
      });
      return { where };
    },
    tagAsset: async (): Promise<Written> => ({
      refused:
        'Wiz has no call that tags a resource; tags reach it as an enrichment upload, whose schema is not public',
    }),
  };
}

/** What a status becomes. Wiz resolves issues of controls and configurations itself, at its next scan. */
function patchFor(
  wanted: Status,
  type: string | null | undefined,
): { status: string; resolutionReason?: string; note?: string } | { refused: string } {
  const until = wanted.untilIso === undefined ? '' : ` Until ${wanted.untilIso}.`;
  const note = `${wanted.reason.slice(0, 4000)}${until}`;
  switch (wanted.status) {
    case 'in-progress':
      return { status: 'IN_PROGRESS' };
    case 'resolved':
      return type === 'THREAT_DETECTION'
        ? { status: 'RESOLVED', resolutionReason: 'PLANNED_ACTION_THREAT', note }
        : { refused: 'Wiz resolves this issue itself when its next scan no longer finds it' };
    case 'rejected':
      return { status: 'REJECTED', resolutionReason: 'WONT_FIX', note };
    case 'ignored':
      return { status: 'REJECTED', resolutionReason: 'EXCEPTION', note };
    default:
      return wanted.status satisfies never;
  }
}

/** Wiz answers an id that is not an issue's with BAD_USER_INPUT or NOT_FOUND. */
export function isUnknownIssue(error: Failure): boolean {
  if (error.type === FailureType.NotFound) return true;
  return error.type === FailureType.VendorRejected && /valid service issue id|not found/i.test(error.message);
}
