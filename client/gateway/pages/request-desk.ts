import { randomUUID } from 'node:crypto';
import { MAX_REASON_LENGTH } from '../../../domain/approval/limits.js';
import { approvalsNeeded } from '../../../domain/approval/request.js';
import { html, link, type SafeHtml } from '../../../domain/text/html.js';
import { FRESH_SIGN_IN_MS } from '../decider.js';
import type { Visit } from '../kit.js';
import { fromNow, localTime, REQUEST_WORDS, ROUTE_WORDS } from '../words.js';
import type { RequestModel } from './request-model.js';
import { nameOf } from './request-progress.js';
import { proofGlance } from './request-proof.js';

/** Until when, who is asked, and the forms by which a person decides. All of them work without scripts. */
export function deskPart(visit: Visit, model: RequestModel): SafeHtml {
  const { row } = model;
  return html`<section class="card" aria-labelledby="desk"><h2 id="desk">${row.status === 'open' ? 'Your decision' : REQUEST_WORDS[row.status].text}</h2>
${row.status === 'open' ? openDesk(visit, model) : html`<p class="soft">This request is closed.</p>`}
${whoIsAsked(visit, model)}
</section>`;
}

function openDesk(visit: Visit, model: RequestModel): SafeHtml {
  const { request } = model.row;
  const { person, nowMs } = visit;
  const over = request.expiresAtMs <= nowMs;
  return html`<p class="deadline">${over ? 'The time to decide is over' : `Ends ${fromNow(request.expiresAtMs, nowMs)}`}</p>
<p class="small soft"><time datetime="${new Date(request.expiresAtMs).toISOString()}">${localTime(request.expiresAtMs, person)}</time>. No answer is a no.</p>
${model.shown !== undefined && proofGlance(model.shown)}
${approvals(model)}
${!over && forms(visit, model)}`;
}

function approvals(model: RequestModel): SafeHtml | false {
  if (approvalsNeeded(model.row.request) === 1) return false;
  const by = [
    ...new Set(model.row.decisions.filter((each) => each.verdict === 'approve').map((each) => each.personId)),
  ];
  const names = by.map((id) => nameOf(model, id)).join(', ');
  return html`<p><strong>Two different people must approve.</strong> ${by.length === 0 ? 'Nobody has yet.' : `So far: ${names}.`}</p>`;
}

function forms(visit: Visit, model: RequestModel): SafeHtml {
  const { objections } = model;
  const { request } = model.row;
  if (objections.decide !== undefined) {
    return html`<p class="soft">You can read everything here, but not decide: ${objections.decide}.</p>`;
  }
  const stale = request.highPrivilege && visit.nowMs - visit.session.authAtMs > FRESH_SIGN_IN_MS;
  if (stale) {
    const back = encodeURIComponent(`/requests/${encodeURIComponent(request.id)}`);
    return html`<p>This identity is highly privileged, so please show once more that it is you before you decide.</p>
<p><a class="button" href="/sign-in?next=${back}">Sign in again</a></p>`;
  }
  const approving =
    objections.approve === undefined
      ? approveForm(visit, model)
      : html`<p class="soft">You cannot approve this: ${objections.approve}.</p>`;
  // An undo is all or nothing.
  const mayEdit = model.shown?.draft.proof.restores === undefined;
  return html`${approving}${rejectForm(visit, model)}${mayEdit && editForm(visit, model)}${signForm(visit, model)}`;
}

/** What every form of the desk carries: whose session, what was shown, and which click this is. */
function hidden(visit: Visit, model: RequestModel): SafeHtml {
  return html`<input type="hidden" name="csrf" value="${visit.session.csrf}">
<input type="hidden" name="digest" value="${model.row.request.digest}">
<input type="hidden" name="nonce" value="${randomUUID()}">`;
}

function action(model: RequestModel, what: 'decide' | 'sign'): string {
  return `/requests/${encodeURIComponent(model.row.request.id)}/${what}`;
}

function approveForm(visit: Visit, model: RequestModel): SafeHtml {
  const words = approveWords(model);
  return html`<form method="post" action="${action(model, 'decide')}">${hidden(visit, model)}
<input type="hidden" name="verdict" value="approve">
${isRelease(model) && html`<label for="release-note">Note to the owner (optional; it stands in the ticket)</label><textarea id="release-note" name="reason" maxlength="${MAX_REASON_LENGTH}"></textarea>`}
<button class="primary" type="submit">${words.button}</button>
<p class="hint">${words.does}</p>
</form>`;
}

function isRelease({ row }: RequestModel): boolean {
  return row.request.subject === 'ticket-release';
}

function approveWords(model: RequestModel): { button: string; does: string } {
  const { shown } = model;
  if (isRelease(model)) {
    const owner = shown?.context.owner;
    const to = owner?.team ?? owner?.personIds.map((id) => nameOf(model, id)).join(', ') ?? '';
    return {
      button: 'Release the ticket',
      does: `Nothing changes yet: the ticket is opened and ${to === '' ? 'the security team' : to} is asked.`,
    };
  }
  if (shown === undefined) return { button: 'Approve', does: '' };
  if (shown.draft.proof.verdict === 'restores') {
    const does = 'Curtail puts back exactly what it had changed: earlier, wider access returns.';
    return { button: 'Approve & restore access', does };
  }
  return ROUTE_WORDS[shown.route];
}

function rejectForm(visit: Visit, model: RequestModel): SafeHtml {
  return html`<details><summary>Reject</summary><form method="post" action="${action(model, 'decide')}">${hidden(visit, model)}
<input type="hidden" name="verdict" value="reject">
<label for="reject-reason">Why not?</label>
<textarea id="reject-reason" name="reason" maxlength="${MAX_REASON_LENGTH}" required></textarea>
<button class="danger" type="submit">Reject</button>
</form></details>`;
}

function editForm(visit: Visit, model: RequestModel): SafeHtml | false {
  const removed = model.shown?.draft.removed ?? [];
  if (removed.length === 0) return false;
  return html`<details><summary>Edit: keep something</summary><form method="post" action="${action(model, 'decide')}">${hidden(visit, model)}
<input type="hidden" name="verdict" value="edit">
<fieldset><legend>Keep these actions</legend>
<div class="choices">${removed.map((each) => html`<label class="check"><input type="checkbox" name="keep" value="${each.action}"><span><code>${each.action}</code></span></label>`)}</div></fieldset>
<label for="edit-reason">Because …</label>
<textarea id="edit-reason" name="reason" maxlength="${MAX_REASON_LENGTH}" required></textarea>
<p class="hint">A new draft is computed and proved. Earlier approvals do not count for it, and somebody else must approve it.</p>
<button type="submit">Send back with this edit</button>
</form></details>`;
}

function signForm(visit: Visit, model: RequestModel): SafeHtml {
  return html`<details><summary>Copy signed decision</summary><form method="post" action="${action(model, 'sign')}">${hidden(visit, model)}
<p class="hint">For deciding in the Temporal UI or a script: a decision that is signed in your name, for this draft only, good for ten minutes.</p>
<label for="sign-verdict">Decision</label>
<select id="sign-verdict" name="verdict"><option value="approve">Approve</option><option value="reject">Reject</option></select>
<label for="sign-reason">Reason (needed to reject)</label>
<input type="text" id="sign-reason" name="reason" maxlength="${MAX_REASON_LENGTH}">
<button type="submit">Sign it</button>
</form></details>`;
}

function whoIsAsked(visit: Visit, model: RequestModel): SafeHtml {
  const { row } = model;
  const { request, ticket } = row;
  const asked = request.approverIds.map((id) => nameOf(model, id)).join(', ');
  return html`<details open><summary>Who is asked</summary>
<p class="small">${asked === '' ? `Anyone with the role ${request.fallbackRole}` : asked}</p>
${row.notices.length > 0 && html`<ul class="tight small">${row.notices.map((notice) => html`<li>${notice.rung}: ${notice.to.length === 0 ? 'by the ticket, and in a digest' : notice.to.map((id) => nameOf(model, id)).join(', ')} <span class="soft">${localTime(notice.deliveredAtMs, visit.person)}</span></li>`)}</ul>`}
${ticket !== undefined && html`<p class="small">Ticket ${link(ticket.number, ticket.url)}</p>`}
<p class="small soft">Digest <code>${request.digest.slice(0, 16)}…</code></p>
</details>`;
}
