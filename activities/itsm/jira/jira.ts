import { z } from 'zod';
import { Failure, FailureType } from '../../../domain/failure.js';
import { plainLine } from '../../../domain/text/plain-text.js';
import { type AdapterDeps, adapter } from '../../adapter.js';
import type { Attachment, Ticket, TicketDesk, TicketDraft } from '../port.js';
import { mark, reference, sharing } from '../reference.js';
import { toAdf } from './adf.js';
import { readApprovals } from './approvals.js';
import { commentOnce, readComments } from './comments.js';
import { JiraConfig } from './config.js';
import { probeJira } from './probe.js';
import { assignable, type Issue, issueOf, issuesOf, namesOfAccount, PROPERTY } from './site.js';
import { move, stateOf } from './transitions.js';
import { openTransport, type Send } from './transport.js';

interface Parts {
  config: JiraConfig;
  deps: AdapterDeps;
  send: Send;
}

/** A search may miss what was created seconds ago, so after a lost answer the next look is this far away. */
const INDEX_WAIT_MS = 90_000;
const MAX_SUMMARY = 250;

/**
 * A project of Jira Cloud as a ticket desk. A ticket is the oldest issue with its key as a label and our entity property;
 * later ones are marked as duplicates.
 */
export function createJira(config: JiraConfig, deps: AdapterDeps): TicketDesk {
  const send = openTransport(config, deps);
  const parts: Parts = { config, deps, send };
  const opening = sharing<Ticket>();
  return {
    traits: {
      vendor: 'jira',
      approvals: config.approvals.kind !== 'none',
      comments: true,
      attachments: true,
      cmdb: false,
    },
    open: (draft) => opening(draft.key, () => openTicket(parts, draft)),
    comment: ({ ticketId, key, body }) => commentOnce(send, { issueId: issueId(ticketId), key, body }),
    setState: (input) => setState(parts, input),
    async read(ticketId) {
      const issue = await issueOf(send, ticketId);
      if (issue === undefined) return { state: 'missing', comments: [] };
      const comments = await readComments(send, issue.id);
      const approvals = await readApprovals(send, issue.id, config);
      const approvedBy = approvals.findLast(({ verdict }) => verdict === 'approve')?.names.at(-1);
      return { state: stateOf(issue, config), comments, ...(approvedBy !== undefined && { approvedBy }) };
    },
    owner: async () => undefined,
    approvals: (ticketId) => readApprovals(send, ticketId, config),
    probe: () => probeJira(send, config),
    namesOf: (author) => namesOfAccount(send, author, config.identify),
  };
}

async function openTicket(parts: Parts, draft: TicketDraft): Promise<Ticket> {
  const issue = (await byKey(parts, draft.key)) ?? (await create(parts, draft));
  await attachMissing(parts.send, issue, draft.attachments);
  const url = new URL(`browse/${issue.key}`, `${parts.config.url.replace(/\/$/, '')}/`);
  return { id: issue.id, number: issue.key, url: url.href };
}

async function create(parts: Parts, draft: TicketDraft): Promise<Issue> {
  const { config, send } = parts;
  const label = reference(draft.key);
  const body = {
    fields: await fieldsOf(parts, draft, label),
    properties: [{ key: PROPERTY, value: { key: label } }],
  };
  try {
    const answer = z.object({ id: z.string(), key: z.string() });
    const made = await send({
      doing: 'creating an issue',
      method: 'POST',
      path: 'rest/api/3/issue',
      body,
      answer,
      write: true,
    });
    return { ...made.body, fields: { labels: [label], attachment: [] } };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const isLost =
      error.type === FailureType.WriteOutcomeUnknown || error.type === FailureType.VendorUnavailable;
    if (!isLost) throw error;
    const found = await oldest(parts, await issuesOf(send, config, label), draft.key);
    if (found !== undefined) return found;
    const why = `${error.message}; the issue may be there, and is searched again before another is made`;
    throw new Failure(FailureType.WriteOutcomeUnknown, why, { retryAfterMs: INDEX_WAIT_MS, cause: error });
  }
}

async function fieldsOf({ config, send }: Parts, draft: TicketDraft, label: string): Promise<object> {
  const accountId =
    config.assign && draft.assignee !== undefined
      ? await assignable(send, config.project, draft.assignee)
      : undefined;
  const priority = config.priorities[draft.severity];
  return {
    ...config.fields,
    project: { key: config.project },
    issuetype: { name: config.issueType },
    summary: plainLine(draft.title, MAX_SUMMARY),
    description: toAdf(draft.body, `Decide: ${draft.decideUrl} ${mark(draft.key)}`),
    labels: [label, ...draft.labels.map((each) => each.replace(/[^\w.:-]+/g, '-').slice(0, 100))],
    ...(priority !== undefined && { priority: { name: priority } }),
    ...(accountId !== undefined && { assignee: { accountId } }),
  };
}

async function byKey(parts: Parts, key: string): Promise<Issue | undefined> {
  return oldest(parts, await issuesOf(parts.send, parts.config, reference(key)), key);
}

/** The oldest issue of a key. Later ones were made by answers that got lost: they lose the label, and say why. */
async function oldest(
  { send, deps }: Parts,
  found: readonly Issue[],
  key: string,
): Promise<Issue | undefined> {
  const [first, ...later] = found;
  for (const issue of later) {
    deps.log('warn', 'jira: a duplicate of a ticket', { number: issue.key });
    const text = `Opened twice by a lost answer; ${first?.key ?? 'an older one'} is the one that counts.`;
    await commentOnce(send, {
      issueId: issue.id,
      key: `${key}/duplicate`,
      body: [{ type: 'paragraph', text }],
    });
    const update = { labels: [{ remove: reference(key) }, { add: 'curtail-duplicate' }] };
    await send({
      doing: 'marking a duplicate',
      method: 'PUT',
      path: `rest/api/3/issue/${issue.id}`,
      body: { update },
      answer: z.unknown(),
      write: true,
    });
  }
  return first;
}

/** Attaches what is not there yet, by file name. */
async function attachMissing(send: Send, issue: Issue, attachments: readonly Attachment[]): Promise<void> {
  const there = new Set(issue.fields.attachment.map(({ filename }) => filename));
  for (const { name, mediaType, text } of attachments) {
    const fileName = name.replace(/[^A-Za-z0-9._-]+/g, '_').slice(-100);
    if (there.has(fileName)) continue;
    const form = new FormData();
    form.append('file', new Blob([text], { type: mediaType }), fileName);
    const packed = new Response(form);
    await send({
      doing: 'attaching a file',
      method: 'POST',
      path: `rest/api/3/issue/${issue.id}/attachments`,
      // Without the token's header, uploads are refused as forged by another site.
      headers: {
        'x-atlassian-token': 'no-check',
        'content-type': packed.headers.get('content-type') ?? 'multipart/form-data',
      },
      body: new Uint8Array(await packed.arrayBuffer()),
      answer: z.array(z.object({ id: z.string() })),
      write: true,
    });
  }
}

async function setState(parts: Parts, input: Parameters<TicketDesk['setState']>[0]): Promise<void> {
  const { config, deps, send } = parts;
  const issue = await issueOf(send, input.ticketId);
  if (issue === undefined)
    throw new Failure(
      FailureType.NotFound,
      `jira: setting a state: there is no issue ${input.ticketId.slice(0, 40)}`,
    );
  const refused = await move(send, issue, input.state, config);
  if (refused !== undefined)
    deps.log('warn', 'jira: a workflow does not allow a state', { state: input.state, reason: refused });
  const lines = [
    ...(input.note === undefined ? [] : [input.note]),
    ...(refused === undefined ? [] : [`Curtail has this as ${input.state}, but here ${refused}.`]),
  ];
  if (lines.length === 0) return;
  const body = lines.map((text) => ({ type: 'paragraph' as const, text }));
  await commentOnce(send, { issueId: issue.id, key: input.key, body });
}

function issueId(ticketId: string): string {
  if (/^[A-Za-z0-9_-]{1,100}$/.test(ticketId)) return ticketId;
  throw new Failure(FailureType.NotFound, `jira: commenting: there is no issue ${ticketId.slice(0, 40)}`);
}

/** Tickets in Jira Cloud and Jira Service Management. */
export const jira = adapter(JiraConfig, createJira);
