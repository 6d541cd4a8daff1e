import type { Activities } from '../activities/contract.js';
import { withFailures } from '../activities/failure.js';
import { createAnswer } from '../activities/lifecycle/answer.js';
import { createApply } from '../activities/lifecycle/apply.js';
import { createArchive } from '../activities/lifecycle/archive.js';
import { createAsk } from '../activities/lifecycle/ask.js';
import { createClose } from '../activities/lifecycle/close.js';
import { createAnswerComment, createPostAnswer } from '../activities/lifecycle/comment-questions.js';
import { createWriteDigest } from '../activities/lifecycle/digest.js';
import { createEnrich } from '../activities/lifecycle/enrich.js';
import { createExplain } from '../activities/lifecycle/explain.js';
import { createWatchHandOver } from '../activities/lifecycle/hand-over.js';
import { takeInHinted } from '../activities/lifecycle/hints.js';
import { createPollSource } from '../activities/lifecycle/poll.js';
import type { LifecyclePorts } from '../activities/lifecycle/ports.js';
import { createPrepare } from '../activities/lifecycle/prepare.js';
import { createReconcile } from '../activities/lifecycle/reconcile.js';
import { createRollBack } from '../activities/lifecycle/roll-back.js';
import { createSettle } from '../activities/lifecycle/settle.js';
import { createStageActivities } from '../activities/lifecycle/stage.js';
import { createTendDesk } from '../activities/lifecycle/tend-desk.js';
import { createEndUndo, createPrepareUndo } from '../activities/lifecycle/undo.js';
import { createVerify } from '../activities/lifecycle/verify.js';

/** All activities over these ports, with failures in Temporal's shape. A worker serves the part of its role. */
export function buildActivities(ports: LifecyclePorts): Activities {
  return withFailures({
    enrich: createEnrich(ports),
    prepare: createPrepare(ports),
    explain: createExplain(ports),
    answer: createAnswer(ports),
    ask: createAsk(ports),
    settle: createSettle(ports),
    apply: createApply(ports),
    rollBack: createRollBack(ports),
    prepareUndo: createPrepareUndo(ports),
    endUndo: createEndUndo(ports),
    watchHandOver: createWatchHandOver(ports),
    verify: createVerify(ports),
    close: createClose(ports),
    ...createStageActivities(ports),
    pollSource: createPollSource(ports),
    takeInHinted: (named) => takeInHinted(ports, named),
    writeDigest: createWriteDigest(ports),
    reconcile: createReconcile(ports),
    tendDesk: createTendDesk(ports),
    answerComment: createAnswerComment(ports),
    postAnswer: createPostAnswer(ports),
    archiveHistories: createArchive(ports),
  });
}
