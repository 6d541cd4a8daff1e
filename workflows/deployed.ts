import { setWorkflowOptions } from '@temporalio/workflow';
import {
  answerQuestion,
  archiveHistory,
  clusterReview,
  deskRounds,
  digest,
  findingLifecycle,
  ingestPoll,
  readHinted,
  reconcile,
  undoChange,
} from './index.js';

/**
 * The same workflows for workers that belong to a version of a deployment: an unversioned worker may not state such a
 * behaviour. Whatever waits for people moves on to the promoted build; whatever takes minutes ends where it began.
 */
const WAITS = [findingLifecycle, clusterReview, undoChange];
const ENDS = [answerQuestion, archiveHistory, deskRounds, digest, ingestPoll, readHinted, reconcile];

for (const waits of WAITS)
  setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, waits as () => Promise<unknown>);
for (const ends of ENDS) setWorkflowOptions({ versioningBehavior: 'PINNED' }, ends as () => Promise<unknown>);

export {
  answerQuestion,
  archiveHistory,
  clusterReview,
  deskRounds,
  digest,
  findingLifecycle,
  ingestPoll,
  readHinted,
  reconcile,
  undoChange,
};
