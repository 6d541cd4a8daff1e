export { answerQuestion } from './answer-question/workflow.js';
export { archiveHistory } from './archive-history/workflow.js';
export { clusterReview } from './cluster-review/workflow.js';
export { digest } from './digest/workflow.js';
export { findingLifecycle } from './finding-lifecycle/workflow.js';
export { ingestPoll } from './ingest-poll/workflow.js';
export { reconcile } from './reconcile/workflow.js';
export { undoChange } from './undo-change/workflow.js';
