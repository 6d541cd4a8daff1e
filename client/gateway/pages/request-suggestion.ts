import type { DraftRow } from '../../../activities/ledger/port.js';
import type { JudgedSuggestion } from '../../../domain/lifecycle/context.js';
import { html, type SafeHtml } from '../../../domain/text/html.js';
import { section } from '../layout.js';
import { diffView } from '../policy-diff.js';
import { changeTitle } from './request-change.js';
import { generatedMark } from './request-context.js';
import { witnessView } from './request-proof.js';

/** What a model offered in place of the draft, folded away: proved to be smaller, or refused and why. */
export function suggestionPart({ explanation }: DraftRow): SafeHtml | false {
  const suggestion = explanation?.suggestion;
  if (suggestion === undefined) return false;
  const { judged, llmSessionId, by } = suggestion;
  const inside = judged.kind === 'narrower' ? narrowerView(judged) : refusedView(judged);
  return section('suggestion', 'What a model suggested', html`${generatedMark(llmSessionId, by)}${inside}`);
}

function narrowerView({ changes, proof }: Extract<JudgedSuggestion, { kind: 'narrower' }>): SafeHtml {
  const blind = proof === 'partial' ? ' The blind spots of the draft’s proof hold for it as well.' : '';
  return html`<details><summary>A model suggested to allow still less, and the engine proved it</summary>
<p>It allows nothing that the draft does not, and denies nothing that was seen in use.${blind} It may take away what the draft keeps because the log cannot show its use.</p>
<p>It is no draft: approving this request applies the draft above and nothing of this.</p>
${changes.map((change) => diffView(`${changeTitle(change)}, draft and suggestion`, change.before, change.after))}</details>`;
}

function refusedView({ reason, witness }: Extract<JudgedSuggestion, { kind: 'refused' }>): SafeHtml {
  return html`<details><summary>A model’s suggestion was refused</summary>
<p>It was refused because: ${reason}</p>
${witness !== undefined && witnessView(witness)}
<p class="small soft">Nothing of it is part of the draft.</p></details>`;
}
