import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { MAX_KEPT_ACTIONS, MAX_REASON_LENGTH } from '../../../domain/approval/limits.js';
import { html, type SafeHtml } from '../../../domain/text/html.js';
import type { DecisionInput, DecisionOutcome } from '../decider.js';
import { type Gateway, goTo, pathId, postForm, show, type Visit } from '../kit.js';
import { section } from '../layout.js';
import { PageError } from '../page-error.js';
import { questionAnswered } from '../question-audit.js';
import { seenRequest } from './request-model.js';

const QUESTIONS_PER_MINUTE = 10;
const text = z.string().transform((value) => value.replaceAll('\r\n', '\n').trim());
const decisionForm = z.object({
  verdict: z.enum(['approve', 'reject', 'edit']),
  digest: z.string().min(1).max(128),
  nonce: z.string().min(8).max(64),
  reason: text.pipe(z.string().max(MAX_REASON_LENGTH)).optional(),
  keep: z.array(z.string().min(1).max(256)).max(MAX_KEPT_ACTIONS),
});
const questionForm = z.object({ question: text.pipe(z.string().min(1).max(1_000)) });

/** The forms of the request page: decide, sign, ask. */
export function registerDecisions(app: FastifyInstance, gateway: Gateway): void {
  postForm(app, gateway, '/requests/:id/decide', async (visit, form) => {
    const row = await seenRequest(gateway, visit.person, pathId(visit.request));
    const outcome = await gateway.decider.decide(inputOf(visit, row.request.id, form));
    return answer(visit, row.request.id, outcome);
  });

  postForm(app, gateway, '/requests/:id/sign', async (visit, form) => {
    const row = await seenRequest(gateway, visit.person, pathId(visit.request));
    const signed = await gateway.decider.sign(inputOf(visit, row.request.id, form));
    if (signed.outcome !== 'signed') return answer(visit, row.request.id, signed);
    return show(visit, {
      title: 'Signed decision',
      section: 'inbox',
      body: signedBody(row.request.id, signed.grant.jws),
    });
  });

  postForm(app, gateway, '/requests/:id/questions', ask, QUESTIONS_PER_MINUTE);
}

/** Answers a question from the facts of the draft, and puts both on record. */
async function ask(visit: Visit, form: URLSearchParams): Promise<FastifyReply> {
  const { gateway, person } = visit;
  const row = await seenRequest(gateway, person, pathId(visit.request));
  const asked = questionForm.safeParse({ question: form.get('question') ?? '' });
  if (!asked.success)
    throw new PageError(400, 'Ask something', 'A question has between 1 and 1,000 characters.');
  const { question } = asked.data;
  const { id: requestId, digest } = row.request;
  const { findingKeys } = row;
  const given = await gateway.answerQuestion({
    requestId,
    digest,
    findingKeys,
    personId: person.id,
    question,
  });
  await gateway.ledger.audit([
    questionAnswered({ personId: person.id, atMs: visit.nowMs }, row, question, given),
  ]);
  return goTo(visit, `${pathOf(requestId)}#questions`);
}

function pathOf(requestId: string): string {
  return `/requests/${encodeURIComponent(requestId)}`;
}

function inputOf({ person, session }: Visit, requestId: string, form: URLSearchParams): DecisionInput {
  const single = Object.fromEntries(form);
  const parsed = decisionForm.safeParse({
    ...single,
    nonce: single['nonce'] ?? '',
    keep: form.getAll('keep'),
  });
  if (!parsed.success) {
    const about = parsed.error.issues[0]?.path.join('.') ?? 'form';
    throw new PageError(
      400,
      'That cannot be taken',
      `The decision could not be read (${about}). Go back, check it, and send it again.`,
    );
  }
  const { verdict, digest, nonce, reason, keep } = parsed.data;
  return {
    person,
    via: 'page',
    authAtMs: session.authAtMs,
    requestId,
    digest,
    nonce,
    verdict,
    ...(reason !== undefined && reason !== '' && { reason }),
    ...(verdict === 'edit' && { keepActions: keep }),
  };
}

const UNSURE =
  'We could not learn whether your decision was recorded. Wait a moment and look again; if the request is still open, decide once more. Deciding twice does no harm.';

/** What the person is told after deciding. */
async function answer(visit: Visit, requestId: string, outcome: DecisionOutcome): Promise<FastifyReply> {
  const path = pathOf(requestId);
  switch (outcome.outcome) {
    case 'accepted': {
      const { complete, waitingFor } = outcome.receipt;
      const more = waitingFor === 1 ? 'One more person' : `${waitingFor} more people`;
      return goTo(visit, path, {
        tone: 'good',
        text: complete
          ? 'Your decision is on record and counts.'
          : `Your approval is on record. ${more} must approve.`,
      });
    }
    case 'refused':
      return goTo(visit, path, { tone: 'warn', text: `That was not taken: ${outcome.reason}.` });
    case 'sign-in-again':
      return goTo(visit, `/sign-in?next=${encodeURIComponent(path)}`);
    case 'unsure':
      return goTo(visit, path, { tone: 'bad', text: UNSURE });
  }
}

function signedBody(requestId: string, jws: string): SafeHtml {
  return html`<p class="crumbs"><a href="${pathOf(requestId)}">Back to the request</a></p>
<div class="page-head"><h1>Your signed decision</h1></div>
${section(
  'signed',
  'Copy it within ten minutes',
  html`<label for="grant">Signed decision</label>
<textarea class="mono" id="grant" rows="9" readonly>${JSON.stringify({ grant: jws })}</textarea>
<p><button type="button" data-copy="grant" hidden>Copy</button></p>
<p class="small soft">In the Temporal UI: open the workflow, choose <em>Update</em>, name <code>decide</code>, and paste this as the input. It counts once, for this draft only, in your name.</p>`,
)}`;
}
