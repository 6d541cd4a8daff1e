import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { html, link, type SafeHtml } from '../../../domain/text/html.js';
import { seesAll } from '../access.js';
import { blocksView } from '../blocks-view.js';
import type { InboxTicket, TicketShelf } from '../deps.js';
import { type Gateway, getPage, goTo, pathId, postForm, show, type Visit } from '../kit.js';
import { chip, section } from '../layout.js';
import { notFound, PageError } from '../page-error.js';
import { localTime, severityTone, type Tone } from '../words.js';

const commentForm = z.string().trim().min(1).max(4_000);
const STATE_TONES: Readonly<Record<InboxTicket['state'], Tone>> = {
  open: 'warn',
  'in-progress': 'busy',
  approved: 'good',
  rejected: 'quiet',
  done: 'good',
  closed: 'quiet',
  missing: 'bad',
};

/** Pages of the embedded ticket desk; absent when another product holds the tickets. */
export function registerTicketPages(app: FastifyInstance, gateway: Gateway): void {
  const shelf = gateway.tickets;
  if (shelf === undefined) return;

  getPage(app, gateway, '/tickets', async (visit) => {
    const tickets = (await shelf.list()).filter((ticket) => maySee(visit, ticket));
    const body = html`<div class="page-head"><h1>Tickets</h1><p>The ticket desk that comes with Curtail. With ServiceNow or Jira configured, tickets live there.</p></div>
${tickets.length === 0 ? html`<section class="card"><p class="none">There are no tickets.</p></section>` : ticketTable(visit, tickets)}`;
    return show(visit, { title: 'Tickets', section: 'tickets', body });
  });

  getPage(app, gateway, '/tickets/:id', async (visit) => {
    const ticket = await seenTicket(visit, shelf);
    return show(visit, { title: ticket.number, section: 'tickets', body: ticketPage(visit, ticket) });
  });

  postForm(app, gateway, '/tickets/:id/comments', async (visit, form) => {
    const ticket = await seenTicket(visit, shelf);
    const text = commentForm.safeParse(form.get('text') ?? '');
    if (!text.success)
      throw new PageError(400, 'Write something', 'A comment has between 1 and 4,000 characters.');
    await shelf.addComment({
      ticketId: ticket.id,
      author: visit.person.email,
      text: text.data,
      atMs: visit.nowMs,
    });
    return goTo(visit, `/tickets/${encodeURIComponent(ticket.id)}`, {
      tone: 'good',
      text: 'Your comment was added.',
    });
  });

  postForm(app, gateway, '/tickets/:id/close', async (visit) => {
    const ticket = await seenTicket(visit, shelf);
    await shelf.close({ ticketId: ticket.id, by: visit.person.email, atMs: visit.nowMs });
    return goTo(visit, '/tickets', { tone: 'good', text: `${ticket.number} is closed.` });
  });
}

function maySee({ person }: Visit, ticket: InboxTicket): boolean {
  if (seesAll(person)) return true;
  const { assignee, team } = ticket;
  return assignee === person.id || assignee === person.email || (team !== undefined && team === person.team);
}

async function seenTicket(visit: Visit, shelf: TicketShelf): Promise<InboxTicket> {
  const ticket = await shelf.ticket(pathId(visit.request));
  if (ticket === undefined || !maySee(visit, ticket)) throw notFound('ticket');
  return ticket;
}

function ticketTable(visit: Visit, tickets: readonly InboxTicket[]): SafeHtml {
  return html`<section class="card"><div class="scroll"><table class="stack">
<thead><tr><th scope="col">Ticket</th><th scope="col">Assigned to</th><th scope="col">Opened</th><th scope="col">State</th></tr></thead>
<tbody>${tickets.map(
    (
      ticket,
    ) => html`<tr><td><a href="/tickets/${encodeURIComponent(ticket.id)}">${ticket.number}: ${ticket.title}</a></td>
<td data-label="Assigned to">${ticket.assignee ?? ticket.team ?? 'nobody'}</td>
<td data-label="Opened">${localTime(ticket.openedAtMs, visit.person)}</td>
<td>${chip({ text: ticket.state, tone: STATE_TONES[ticket.state] })}</td></tr>`,
  )}</tbody></table></div></section>`;
}

function ticketPage(visit: Visit, ticket: InboxTicket): SafeHtml {
  const base = `/tickets/${encodeURIComponent(ticket.id)}`;
  const csrf = html`<input type="hidden" name="csrf" value="${visit.session.csrf}">`;
  return html`<p class="crumbs"><a href="/tickets">Tickets</a></p>
<div class="page-head"><h1>${ticket.title}</h1><div class="chips">${chip({ text: ticket.state, tone: STATE_TONES[ticket.state] })}${chip({ text: ticket.severity, tone: severityTone(ticket.severity) })}<span class="soft">${ticket.number} · ${ticket.assignee ?? ticket.team ?? 'unassigned'}</span></div></div>
<section class="card">${blocksView(ticket.body)}<p>${link('Open the decision', ticket.decideUrl)}</p></section>
${section(
  'comments',
  'Comments',
  html`${ticket.comments.length > 0 && html`<ul class="plain">${ticket.comments.map((comment) => html`<li><strong>${comment.ours ? 'Curtail' : comment.author}</strong> <span class="soft small">${comment.atIso}</span><pre>${comment.text}</pre></li>`)}</ul>`}
<form method="post" action="${base}/comments">${csrf}<label for="text">Add a comment</label><textarea id="text" name="text" maxlength="4000" required></textarea>
<p class="hint">A comment never decides anything; decisions are made on the request’s page.</p><button type="submit">Comment</button></form>`,
)}
${ticket.state !== 'closed' && html`<form method="post" action="${base}/close">${csrf}<button type="submit">Close the ticket</button></form>`}`;
}
