import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { ChangeRow } from '../../../activities/ledger/port.js';
import { MAX_REASON_LENGTH } from '../../../domain/approval/limits.js';
import { html, type SafeHtml } from '../../../domain/text/html.js';
import { type Gateway, goTo, pathId, postForm, type Visit } from '../kit.js';
import { PageError } from '../page-error.js';
import { askUndo, mayNotUndo } from '../undo.js';
import { seenFinding } from './findings.js';

const undoForm = z.object({
  change: z.string().min(1).max(512),
  reason: z.string().trim().min(1).max(MAX_REASON_LENGTH),
});

/** Takes the ask to undo a change: it opens a request to other people, and undoes nothing by itself. */
export function registerUndo(app: FastifyInstance, gateway: Gateway): void {
  postForm(app, gateway, '/findings/:id/undo', async (visit, form) => {
    const row = await seenFinding(gateway, visit.person, pathId(visit.request));
    const parsed = undoForm.safeParse(Object.fromEntries(form));
    if (!parsed.success)
      throw new PageError(
        400,
        'Say why',
        `An undo needs a reason of at most ${MAX_REASON_LENGTH} characters.`,
      );
    const { change: changeId, reason } = parsed.data;
    const { done, message } = await askUndo(gateway, visit.person, row, { changeId, reason });
    return goTo(visit, `/findings/${row.key}`, { tone: done ? 'good' : 'warn', text: message });
  });
}

/** The form beside a change, for people who may ask to undo it; `isOpen` where it is what they came for. */
export async function undoPart(
  visit: Visit,
  findingKey: string,
  change: ChangeRow,
  isOpen = false,
): Promise<SafeHtml | false> {
  if ((await mayNotUndo(visit.gateway, visit.person, change)) !== undefined) return false;
  const field = `undo-${change.id}`;
  return html`<details${isOpen && html` open`}><summary>Undo this change</summary><form method="post" action="/findings/${findingKey}/undo">
<input type="hidden" name="csrf" value="${visit.session.csrf}">
<input type="hidden" name="change" value="${change.id}">
<label for="${field}">Why must the earlier access come back?</label>
<textarea id="${field}" name="reason" maxlength="${MAX_REASON_LENGTH}" required></textarea>
<p class="hint">This asks somebody else: you cannot approve it yourself. Nothing is undone before they do.</p>
<button class="danger" type="submit">Undo this change</button>
</form></details>`;
}
