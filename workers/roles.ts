import type { Activities } from '../activities/contract.js';
import type { Zone } from '../workflows/naming.js';

/** A process's part: which activities it serves, and how many at once. Queues are trust zones. */
export interface Role {
  activities: readonly (keyof Activities)[];
  maxConcurrent: number;
}

/** `core` also runs the workflows; `change` alone holds write credentials; `think` alone reaches a model. */
export const ROLES = {
  core: {
    activities: [
      'prepare',
      'prepareUndo',
      'settle',
      'setStage',
      'closeRequest',
      'lookUpCluster',
      'reconcile',
      'archiveHistories',
    ],
    maxConcurrent: 20,
  },
  connect: {
    activities: [
      'enrich',
      'ask',
      'verify',
      'close',
      'endUndo',
      'watchHandOver',
      'pollSource',
      'takeInHinted',
      'writeDigest',
      'tendDesk',
      'postAnswer',
    ],
    maxConcurrent: 30,
  },
  think: { activities: ['explain', 'answer', 'answerComment'], maxConcurrent: 8 },
  change: { activities: ['apply', 'rollBack'], maxConcurrent: 5 },
} as const satisfies Record<Zone, Role>;

type Assigned = (typeof ROLES)[Zone]['activities'][number];
/** Every activity has a role: forgetting one is a compile error here. */
export const UNASSIGNED: Record<Exclude<keyof Activities, Assigned>, never> = {};
