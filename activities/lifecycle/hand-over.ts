import { renderChange } from '../../domain/change/render.js';
import { Failure, FailureType } from '../../domain/failure.js';
import type { Activities, Applied, Watched } from '../contract.js';
import type { ChangeRow, DraftRow } from '../ledger/port.js';
import { IN_PLACE, projectFixed } from './in-place.js';
import { auditEach, type LifecyclePorts } from './ports.js';
import { fixStillHolds } from './read-back.js';

/** Gives an approved change to a person: as a pull request of the infrastructure code, or as a ticket to carry out. */
export async function handOver(ports: LifecyclePorts, row: ChangeRow, drafted: DraftRow): Promise<Applied> {
  if (row.route === 'api') throw new Failure(FailureType.InvalidInput, 'handing over: the route is api');
  const reference =
    row.route === 'pull-request' ? await openPullRequest(ports, row, drafted) : await asTicket(ports, row);
  const atMs = ports.now();
  // The change's own row comes last: once it says so, another attempt does nothing any more.
  const stage = row.route === 'ticket' ? 'awaiting-ticket' : 'awaiting-merge';
  await ports.ledger.setStage(
    { keys: row.findingKeys, stage, note: `handed over: ${reference.url}`, atMs },
    [],
  );
  await ports.ledger.setChange(
    row.id,
    { status: 'handed-over', reference },
    auditEach(
      row.findingKeys,
      {
        id: `${row.id}/handed-over`,
        workflowId: row.workflowId,
        type: 'change.handed-over',
        actor: 'curtail',
        atMs,
      },
      { changeId: row.id, route: row.route, url: reference.url },
    ),
  );
  return { status: 'handed-over', route: row.route, url: reference.url };
}

async function openPullRequest(
  ports: LifecyclePorts,
  row: ChangeRow,
  drafted: DraftRow,
): Promise<{ ref: string; url: string }> {
  if (ports.iac === undefined)
    throw new Failure(FailureType.InvalidInput, 'opening a pull request: no `iac` section is configured');
  const folder = `curtail/${row.digest.slice(0, 12)}`;
  const files = row.changes.flatMap((change, index) =>
    renderChange(change, 'terraform').files.map((file) => ({
      path: `${folder}/${index + 1}-${file.name}`,
      text: file.text,
    })),
  );
  const change = { path: `${folder}/change.json`, text: `${JSON.stringify(row.changes, null, 2)}\n` };
  return ports.iac.openChange({
    branch: `curtail/${row.digest.slice(0, 12)}-g${row.generation}`,
    title: drafted.explanation?.whatChanges.slice(0, 72) ?? 'Least-privilege change',
    body: pullRequestBody(row, drafted),
    files: [...files, change],
    key: row.id,
  });
}

function pullRequestBody(row: ChangeRow, drafted: DraftRow): string {
  const { explanation, draft } = drafted;
  const mark =
    explanation?.llmSessionId === undefined
      ? ''
      : `\n\n_AI-generated guidance (${explanation.llmSessionId})_`;
  return (
    [
      explanation?.summary ?? 'A least-privilege change.',
      '',
      explanation?.whatChanges ?? '',
      '',
      `Proof: ${draft.proof.verdict}. Digest: ${row.digest}. Request: ${row.requestId ?? 'standing approval'}.`,
    ].join('\n') + mark
  );
}

async function asTicket(ports: LifecyclePorts, row: ChangeRow): Promise<{ ref: string; url: string }> {
  const request = row.requestId === undefined ? undefined : await ports.ledger.request(row.requestId);
  const ticket = request?.ticket;
  if (ticket === undefined)
    throw new Failure(FailureType.NotFound, 'handing over: the request has no ticket');
  await ports.tickets.comment({
    ticketId: ticket.id,
    key: `${row.id}/steps`,
    body: [
      {
        type: 'paragraph',
        text: 'Approved. Please carry out exactly this change; Curtail watches for it and verifies it.',
      },
      ...row.changes.flatMap((change) =>
        renderChange(change, 'cli').files.map((file) => ({
          type: 'code' as const,
          language: 'sh',
          text: file.text,
        })),
      ),
    ],
  });
  await ports.tickets.setState({ ticketId: ticket.id, state: 'in-progress', key: `${row.id}/in-progress` });
  return { ref: ticket.id, url: ticket.url };
}

/** Looks whether a person or pipeline has carried the change out. */
export function createWatchHandOver(ports: LifecyclePorts): Activities['watchHandOver'] {
  return async ({ changeId }) => {
    const row = await ports.ledger.change(changeId);
    if (row?.reference === undefined)
      throw new Failure(FailureType.NotFound, `watching: no change ${changeId} was handed over`);
    if (IN_PLACE.has(row.status)) return { status: 'done' };
    const seen =
      row.route === 'pull-request'
        ? await watchPullRequest(ports, row.reference.ref)
        : await watchTicket(ports, row);
    if (seen.status !== 'done') return seen;
    const appliedAtMs = ports.now();
    await projectFixed(ports, row, appliedAtMs);
    await ports.ledger.setChange(
      row.id,
      { status: 'applied', appliedAtMs },
      auditEach(
        row.findingKeys,
        {
          id: `${row.id}/carried-out`,
          workflowId: row.workflowId,
          type: 'change.applied',
          actor: 'person',
          atMs: appliedAtMs,
        },
        { changeId: row.id, route: row.route },
      ),
    );
    return seen;
  };
}

async function watchPullRequest(ports: LifecyclePorts, ref: string): Promise<Watched> {
  if (ports.iac === undefined)
    throw new Failure(FailureType.InvalidInput, 'watching a pull request: no `iac` section is configured');
  const change = await ports.iac.changeState(ref);
  if (change.state === 'open') return { status: 'waiting' };
  if (change.state === 'closed')
    return { status: 'declined', reason: change.reason ?? 'the pull request was closed unmerged' };
  const pipeline = await ports.iac.pipelineState(change.mergedCommit);
  if (pipeline.state === 'failed')
    return { status: 'declined', reason: `merged, but its pipeline failed: ${pipeline.reason}` };
  return pipeline.state === 'running' ? { status: 'waiting' } : { status: 'done' };
}

async function watchTicket(ports: LifecyclePorts, row: ChangeRow): Promise<Watched> {
  if (await fixStillHolds(ports, row)) return { status: 'done' };
  const ticket = await ports.tickets.read(row.reference?.ref ?? '');
  if (ticket.state === 'rejected') return { status: 'declined', reason: 'the ticket was rejected' };
  if (ticket.state === 'closed' || ticket.state === 'missing') {
    return { status: 'declined', reason: `the ticket is ${ticket.state}, and the change was not made` };
  }
  return { status: 'waiting' };
}
