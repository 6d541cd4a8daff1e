import type { BlamedChange, BlameReport } from '../../activities/lifecycle/blame.js';
import { UNDOABLE } from '../../domain/approval/undo.js';

/** The one undo that mends a denial, as a page to go to and as a command; either asks others, and undoes nothing by itself. */
export interface UndoOffer {
  changeId: string;
  findingKey: string;
  url: string;
  command: string;
}

/** The change that is to blame and can be undone; undefined when there is none. */
export function guiltyChange({ changes }: BlameReport): BlamedChange | undefined {
  return changes.find(
    ({ blame, status, route }) => blame?.verdict === 'yes' && UNDOABLE.has(status) && route === 'api',
  );
}

/** Offers the undo of what is to blame. */
export function undoOffer(report: BlameReport, publicUrl: string): UndoOffer | undefined {
  const guilty = guiltyChange(report);
  if (guilty === undefined) return undefined;
  const { id: changeId, findingKey } = guilty;
  return {
    changeId,
    findingKey,
    url: `${publicUrl}/findings/${encodeURIComponent(findingKey)}#changes`,
    command: `curtail undo ${findingKey} --change '${changeId}' --as <you> --because '<reason>'`,
  };
}
