import type { Activities } from '../contract.js';
import { again } from './ask-again.js';
import { auditEach, type LifecyclePorts } from './ports.js';

/** Small recordings: a stage, a request that nobody can decide any more, and a member's question to the ledger. */
export function createStageActivities(
  ports: LifecyclePorts,
): Pick<Activities, 'setStage' | 'closeRequest' | 'lookUpCluster'> {
  return {
    async setStage(input) {
      const atMs = ports.now();
      await ports.ledger.setStage(
        {
          keys: input.keys,
          stage: input.stage,
          note: input.note,
          ...(input.parked !== undefined && { parked: input.parked }),
          atMs,
        },
        auditEach(
          input.keys,
          {
            id: `${input.workflowId}/stage/${input.stage}/${atMs}`,
            workflowId: input.workflowId,
            type: `stage.${input.stage}`,
            actor: 'curtail',
            atMs,
          },
          { note: input.note, ...(input.parked !== undefined && { parked: input.parked }) },
        ),
      );
      if (input.notify === true)
        ports.log('error', 'a finding is parked', { workflowId: input.workflowId, parked: input.parked });
    },
    async closeRequest(input) {
      const row = await ports.ledger.request(input.requestId);
      if (row === undefined) return;
      const atMs = ports.now();
      await ports.ledger.closeRequest(
        { requestId: input.requestId, status: input.status, atMs, note: input.note },
        auditEach(
          input.keys,
          {
            id: `request/${input.requestId}/${input.status}${again(row)}`,
            workflowId: input.workflowId,
            type: `request.${input.status}`,
            actor: 'curtail',
            atMs,
          },
          { requestId: input.requestId, note: input.note },
        ),
      );
      if (input.status === 'void' && row.ticket !== undefined) {
        await ports.tickets.comment({
          ticketId: row.ticket.id,
          key: `request/${input.requestId}/void${again(row)}`,
          body: [{ type: 'paragraph', text: `The approval is void: ${input.note}` }],
        });
      }
    },
    async lookUpCluster(input) {
      const row = await ports.ledger.finding(input.key);
      const hasEnded = row?.stage === 'closed' || row?.stage === 'stopped';
      return hasEnded && row.outcome !== undefined
        ? { settled: true, outcome: row.outcome }
        : { settled: false };
    },
  };
}
