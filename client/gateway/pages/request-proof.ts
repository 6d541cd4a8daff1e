import type { DraftRow } from '../../../activities/ledger/port.js';
import type {
  NoNewAccess,
  Proof,
  Restores,
  UsageAccounting,
  Verdict,
  Witness,
} from '../../../domain/proof/proof.js';
import { type HtmlValue, html, type SafeHtml } from '../../../domain/text/html.js';
import { chip, facts, listOr, section } from '../layout.js';
import { count, type Tone, type Wording } from '../words.js';

const PROOF_WORDS: Readonly<Record<Proof['verdict'], Wording>> = {
  proved: { text: 'Proved', tone: 'good' },
  partial: { text: 'Holds, with named blind spots', tone: 'warn' },
  unproven: { text: 'Not proved', tone: 'bad' },
  broken: { text: 'Refuted', tone: 'bad' },
  restores: { text: 'Restores earlier access', tone: 'bad' },
};
const SIGNS: Readonly<Record<Tone, string>> = { good: '✓', warn: '!', bad: '✕', busy: '…', quiet: '–' };

interface Obligation {
  title: string;
  tone: Tone;
  result: string;
  inside: SafeHtml;
}

/** The four results, each with its evidence, assumptions and blind spots. */
export function proofPart({ draft }: DraftRow): SafeHtml {
  const { proof } = draft;
  return section(
    'proof',
    'Proof',
    html`<div class="chips">${chip(PROOF_WORDS[proof.verdict])}</div>
<div class="proofs">${resultsOf(proof).map(obligationView)}</div>
<details class="small"><summary>What the proof was computed from</summary>
${facts([
  ['Engine', proof.engine],
  ['Action catalogue', proof.catalogue],
  ...Object.entries(proof.inputs).map(([name, digest]) => [name, html`<code>${digest}</code>`] as const),
])}
${proof.restores === undefined && html`<p class="soft">With these inputs, <code>curtail proof verify</code> checks the proof again on your own machine.</p>`}</details>`,
    'Computed by the engine, not by a model. An approval names the digest of the change and this proof together.',
  );
}

function resultsOf(proof: Proof): readonly Obligation[] {
  const second = proof.restores === undefined ? usagePreserved(proof) : restored(proof.restores);
  return [noNewAccess(proof), second, guardrails(proof), pathsClosed(proof)];
}

/** The four results at a glance, for beside the button. */
export function proofGlance({ draft }: DraftRow): SafeHtml {
  return html`<ul class="glance">${resultsOf(draft.proof).map(({ title, tone, result }) => html`<li class="tone-${tone}"><span class="sign" aria-hidden="true">${SIGNS[tone]}</span><a href="#proof">${title}</a><span class="unseen">: ${result}</span></li>`)}</ul>`;
}

function obligationView({ title, tone, result, inside }: Obligation): SafeHtml {
  return html`<details class="obligation tone-${tone}"><summary><span class="sign" aria-hidden="true">${SIGNS[tone]}</span><span>${title}</span><span class="more" aria-hidden="true">Evidence</span><span class="result">${result}</span></summary><div class="inside">${inside}</div></details>`;
}

/** An undo proves no reduction, and the page must not look as if it did. */
function restored({ changeId, requestedBy, reason, returns }: Restores): Obligation {
  const what = returns.length === 0 ? 'the earlier setting' : count(returns.length, 'removed action');
  return {
    title: 'Restores access',
    tone: 'bad',
    result: `This is no reduction: it is the exact reverse of a change that Curtail applied, and brings back ${what}.`,
    inside: html`${facts([
      ['Undoes', html`<code>${changeId}</code>`],
      ['Asked for by', requestedBy],
      ['Reason', reason],
    ])}${bullets('Access that returns', returns)}`,
  };
}

function worst(parts: readonly NoNewAccess[]): Verdict {
  if (parts.some((part) => part.verdict === 'FAIL')) return 'FAIL';
  return parts.length === 0 || parts.some((part) => part.verdict === 'UNKNOWN') ? 'UNKNOWN' : 'PASS';
}

function noNewAccess({ noNewAccess: parts }: Proof): Obligation {
  const verdict = worst(parts);
  const words: Record<Verdict, [Tone, string]> = {
    PASS: ['good', 'Everything the new state allows, the old one allowed.'],
    FAIL: ['bad', 'The new state allows a request that the old one does not.'],
    UNKNOWN: ['warn', 'Could not be decided, so it does not count as proved.'],
  };
  const [tone, result] = words[verdict];
  const inside = html`${parts.map(
    (part) => html`<h3>${part.of}</h3>
<p>${part.verdict}: ${part.reason} <span class="soft">(${part.method === 'subset' ? 'decided symbolically over every possible request' : 'this setting can only restrict'}; ${part.reasonCode})</span></p>
${part.witness !== undefined && witnessView(part.witness)}
${bullets('Assumptions', part.assumptions)}
${part.certificateDigest !== undefined && html`<p class="small soft">Certificate <code>${part.certificateDigest}</code></p>`}`,
  )}
${parts.length === 0 && html`<p class="none">There is no result.</p>`}`;
  return { title: 'No new access', tone, result, inside };
}

function callerText(principal: Witness['principal']): string {
  if (typeof principal === 'string') return principal;
  return [principal.type, principal.id ?? []].flat().join(' ');
}

/** A request that shows why something does not hold. */
export function witnessView(witness: Witness): SafeHtml {
  const context = Object.entries(witness.context).map(
    ([key, value]) => `${key} = ${[value].flat().join(', ')}`,
  );
  return html`<div class="witness"><strong>A request that shows it</strong>
${facts([
  ['Principal', html`<code>${callerText(witness.principal)}</code>`],
  ['Action', html`<code>${witness.action}</code>`],
  ['Resource', html`<code>${witness.resource}</code>`],
  ['Context', context.join('; ') || 'none'],
])}${witness.hypothetical && html`<p class="small soft">The action is in no catalogue; a service may not know it.</p>`}</div>`;
}

function usagePreserved({ usage, blindSpots }: Proof): Obligation {
  if (usage === null) {
    const inside = html`<p>No log of this identity’s use was available.</p>${bullets('Blind spots', blindSpots)}`;
    return { title: 'Usage preserved', tone: 'warn', result: 'There was no log to replay.', inside };
  }
  const broken = usage.newlyDenied.length;
  const replayed = `${count(usage.replayed, 'observed request')} replayed, ${broken} newly denied`;
  const tone: Tone = broken > 0 ? 'bad' : blindSpots.length > 0 ? 'warn' : 'good';
  const result =
    broken === 0 && blindSpots.length > 0
      ? `${replayed}; ${count(blindSpots.length, 'blind spot')} named.`
      : `${replayed}.`;
  const inside = html`<p>Every event between ${day(usage.fromIso)} and ${day(usage.toIso)} is accounted for:</p>
${accounting(usage)}
${
  broken > 0 &&
  html`<h3>Would be denied</h3>${listOr(
    usage.newlyDenied.map(
      (each) =>
        html`<code>${each.action}</code> on ${each.resource ?? 'any resource'} by ${each.principal}, ${count(each.count, 'time')}`,
    ),
    '',
    'tight',
  )}`
}
${bullets('Blind spots: what the log could not show', blindSpots)}`;
  return { title: 'Usage preserved', tone, result, inside };
}

function day(iso: string): string {
  return iso.slice(0, 10);
}

function accounting(usage: UsageAccounting): SafeHtml {
  const rows: [string, number][] = [
    ['Replayed against the new policy', usage.replayed],
    ['Denied already when it happened', usage.denied],
    ['By another principal', usage.otherPrincipal],
    ['By an AWS service itself', usage.service],
    ['Of an event without a permission', usage.unmapped],
    ['Not allowed by the old policy alone', usage.notAllowedBefore],
    ['Unreadable', usage.malformed],
    ['All events', usage.total],
  ];
  return html`<div class="scroll"><table><tbody>${rows.map(([label, n]) => html`<tr><th scope="row">${label}</th><td class="number">${n.toLocaleString('en')}</td></tr>`)}</tbody></table></div>`;
}

function guardrails({ guardrails: result }: Proof): Obligation {
  const title = 'Guardrails obeyed';
  if (result === null) {
    const inside = html`<p>The guardrails gave no answer, which counts as a no.</p>`;
    return { title, tone: 'bad', result: 'Not evaluated.', inside };
  }
  const inside = html`<p>Policy set <strong>${result.policySet}</strong></p>
<p class="small soft">Digest <code>${result.digest}</code></p>${bullets('Reasons', result.reasons)}`;
  return {
    title,
    tone: result.allow ? 'good' : 'bad',
    result: result.allow
      ? 'The organisation’s policies allow this change.'
      : 'The organisation’s policies forbid this change.',
    inside,
  };
}

function pathsClosed({ paths }: Proof): Obligation {
  const title = 'Paths closed';
  if (paths === null) {
    const inside = html`<p class="none">The neighbourhood of the identity was not available.</p>`;
    return { title, tone: 'quiet', result: 'Not analysed.', inside };
  }
  const { closed, opened, storesNoLongerReachable: stores } = paths;
  const tone: Tone = opened.length > 0 ? 'bad' : closed.length + stores.length > 0 ? 'good' : 'quiet';
  const reach = `${paths.reachableBefore} → ${paths.reachableAfter} reachable resources`;
  const result = `${count(closed.length, 'escalation path')} closed, ${opened.length} opened; ${reach}.`;
  const pathLines = (list: typeof closed): HtmlValue[] =>
    list.map(
      (path) =>
        html`<strong>${path.technique}</strong>: ${path.from} → ${path.to}<span class="source">${path.steps.join(' → ')}</span>`,
    );
  const inside = html`${opened.length > 0 && html`<h3>Opened</h3>${listOr(pathLines(opened), '')}`}
<h3>Closed</h3>${listOr(pathLines(closed), 'No escalation path ran through this identity.')}
<h3>Sensitive stores no longer reachable</h3>${listOr(stores, 'None was reachable before.', 'tight')}`;
  return { title, tone, result, inside };
}

function bullets(title: string, items: readonly string[]): SafeHtml | false {
  if (items.length === 0) return false;
  return html`<h3>${title}</h3>${listOr(items, '', 'tight')}`;
}
