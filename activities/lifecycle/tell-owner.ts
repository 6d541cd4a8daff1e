import type { Person } from '../../domain/approval/request.js';
import { summariseChange } from '../../domain/change/render.js';
import type { Block } from '../../domain/text/block.js';
import type { CloseInput } from '../contract.js';
import type { DraftRow, FindingRow } from '../ledger/port.js';
import { IN_PLACE } from './in-place.js';
import { auditEach, type LifecyclePorts } from './ports.js';

/** What happened without asking, and the way to have it otherwise. */
interface Act {
  title: string;
  otherwise: (key: string) => Block[];
}
const DONE: Act = {
  title: 'Done under a standing approval',
  otherwise: (key) => [
    {
      type: 'paragraph',
      text: 'If something needs the earlier access, ask for the undo there or here; others decide on it:',
    },
    { type: 'code', language: 'sh', text: `curtail undo ${key} --as <you> --because '<reason>'` },
  ],
};
const BACK: Act = {
  title: 'The earlier access is back',
  otherwise: (key) => [
    { type: 'paragraph', text: 'If the fix shall be tried again, take the finding up again:' },
    { type: 'code', language: 'sh', text: `curtail resume ${key}` },
  ],
};

const SHOWN_CHANGES = 10;

/**
 * Tells the owners what Curtail did by itself, once, and how to have it otherwise: by every chat, or where there is none
 * by a ticket for the record. Nothing for endings that people decided.
 */
export async function tellOwners(
  ports: LifecyclePorts,
  rows: readonly FindingRow[],
  input: CloseInput,
): Promise<void> {
  const [lead] = rows;
  if (lead === undefined) return;
  const digest = input.digest ?? lead.draftDigest ?? '';
  const act = await actOf(ports, lead, digest, input);
  if (act === undefined) return;
  const drafted = await ports.ledger.draft(digest);
  const people = await owners(ports, drafted);
  const key = `${input.workflowId}/told/g${input.generation}/${input.outcome}`;
  const title = `${act.title}: ${lead.finding.title}`.slice(0, 300);
  const url = `${ports.settings.publicUrl}/findings/${encodeURIComponent(lead.key)}#changes`;
  const body: Block[] = [
    { type: 'paragraph', text: input.note },
    { type: 'list', items: (drafted?.draft.changes ?? []).slice(0, SHOWN_CHANGES).map(summariseChange) },
    ...act.otherwise(lead.key),
  ];
  const to = people.map(({ id, email, name }) => ({ personId: id, email, name }));
  for (const chat of ports.chats)
    await chat.send({ key, to, title, body, url, buttons: false, requestId: key, digest });
  if (ports.chats.length === 0) await openRecord(ports, { key, title, body, url, lead, people });
  await ports.ledger.audit(
    auditEach(
      input.keys,
      { id: key, workflowId: input.workflowId, type: 'owner.told', actor: 'curtail', atMs: ports.now() },
      {
        outcome: input.outcome,
        to: people
          .map(({ id }) => id)
          .join(', ')
          .slice(0, 300),
      },
    ),
  );
}

/** What was done unasked: a fix under a standing approval that is in place, however its life ended, or its taking back. */
async function actOf(
  { ledger }: LifecyclePorts,
  lead: FindingRow,
  digest: string,
  { outcome, workflowId, generation }: CloseInput,
): Promise<Act | undefined> {
  if (outcome === 'rolled-back') return BACK;
  const change = (await ledger.changes({ findingKey: lead.key })).find(
    (row) => row.digest === digest && row.workflowId === workflowId && row.generation === generation,
  );
  return change?.standingApprovalId !== undefined && IN_PLACE.has(change.status) ? DONE : undefined;
}

/** The owners or who stands in for them; the security team where nobody is known. */
async function owners(ports: LifecyclePorts, drafted: DraftRow | undefined): Promise<readonly Person[]> {
  const ids = drafted?.context.owner.personIds ?? [];
  const found = await Promise.all(ids.map((id) => ports.directory.standIn(id, ports.now())));
  const known = found.filter((person) => person !== undefined);
  if (known.length > 0) return known;
  return (await ports.directory.people()).filter((person) => person.roles.includes('security'));
}

async function openRecord(
  ports: LifecyclePorts,
  on: {
    key: string;
    title: string;
    body: readonly Block[];
    url: string;
    lead: FindingRow;
    people: readonly Person[];
  },
): Promise<void> {
  const { key, title, body, lead } = on;
  const assignee = on.people[0]?.email;
  const { id: ticketId } = await ports.tickets.open({
    key,
    title,
    body,
    severity: lead.finding.severity,
    labels: ['curtail', 'for-the-record'],
    attachments: [],
    decideUrl: on.url,
    ...(assignee !== undefined && { assignee }),
  });
  await ports.tickets.setState({ ticketId, state: 'done', key: `${key}/state`, note: 'for the record' });
}
