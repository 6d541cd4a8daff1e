import type { DraftRow, RequestRow } from '../../../activities/ledger/port.js';
import type { Change, ChangeKind } from '../../../domain/change/change.js';
import type { ActionReason } from '../../../domain/proof/proof.js';
import { html, type SafeHtml } from '../../../domain/text/html.js';
import { blastView } from '../blast-view.js';
import { listOr, section } from '../layout.js';
import { diffView } from '../policy-diff.js';
import { count, ROUTE_WORDS, shortName } from '../words.js';

const CHANGE_KIND_WORDS: Readonly<Record<ChangeKind, string>> = {
  'inline-policy': 'Inline policy',
  'managed-policy': 'Managed policy',
  'policy-attachment': 'Attachment',
  'trust-policy': 'Trust policy',
  'access-key': 'Access key',
  role: 'Role',
  'public-access-block': 'Public access block',
  'resource-policy': 'Resource policy',
  encryption: 'Encryption',
  'access-logging': 'Access log',
  'database-public-access': 'Public endpoint',
};
/** Longer lists are folded away. */
const FOLD_AFTER = 12;

/** A change's name for people. */
export function changeTitle({ kind, target }: Change): string {
  const parts = [
    target.name,
    target.arn && shortName(target.arn),
    target.principal && `of ${shortName(target.principal)}`,
  ];
  return `${CHANGE_KIND_WORDS[kind]} ${parts.filter(Boolean).join(' ')}`;
}

/** Before and after of everything that would change, and why each remaining line is there. */
export function changePart({ draft }: DraftRow): SafeHtml {
  const { edit } = draft;
  return section(
    'change',
    'Exactly what changes',
    html`${edit !== undefined && html`<p class="banner tone-busy">Edited by ${edit.by}: keeps ${edit.keepActions.join(', ')}. “${edit.reason}”</p>`}
${draft.changes.map((change) => diffView(changeTitle(change), change.before, change.after))}
${draft.justification.length > 0 && justificationTable(draft.justification)}`,
    'Members and lists are shown in a fixed order so that only differences of meaning stand out; the files have the text as it will be.',
  );
}

function justificationTable(lines: DraftRow['draft']['justification']): SafeHtml {
  return html`<details${lines.length <= FOLD_AFTER && html` open`}><summary>Why each line stays (${lines.length})</summary>
<div class="scroll"><table class="stack"><thead><tr><th scope="col">Policy · statement</th><th scope="col">Action</th><th scope="col">Why</th></tr></thead>
<tbody>${lines.map((line) => html`<tr><td>${line.policy} · ${line.statement}</td><td>${actionName(line.action)}</td><td>${line.why}</td></tr>`)}</tbody></table></div></details>`;
}

/** What goes, what stays, and what is risky but in use. */
export function reasonsPart({ draft }: DraftRow): SafeHtml {
  return section(
    'reasons',
    'Removed and kept, and why',
    html`${draft.usedHighRisk.length > 0 && html`<h3>High-risk actions that are in use and therefore stay</h3>${reasonTable(draft.usedHighRisk)}`}
${fold(`Removed (${draft.removed.length})`, draft.removed, 'Nothing is removed.')}
${fold(`Kept (${draft.kept.length})`, draft.kept, 'Nothing is kept.')}`,
  );
}

function fold(title: string, reasons: readonly ActionReason[], none: string): SafeHtml {
  if (reasons.length === 0) return html`<h3>${title}</h3><p class="none">${none}</p>`;
  return html`<details${reasons.length <= FOLD_AFTER && html` open`}><summary>${title}</summary>${reasonTable(reasons)}</details>`;
}

function reasonTable(reasons: readonly ActionReason[]): SafeHtml {
  return html`<div class="scroll"><table class="stack pairs"><thead><tr><th scope="col">Action</th><th scope="col">Why</th></tr></thead>
<tbody>${reasons.map((each) => html`<tr><th scope="row">${actionName(each.action)}</th><td>${each.reason}</td></tr>`)}</tbody></table></div>`;
}

/** An action that breaks, where it must, after its service and not within a word. */
function actionName(action: string): SafeHtml {
  const end = action.indexOf(':') + 1;
  return html`<code>${action.slice(0, end)}<wbr>${action.slice(end)}</code>`;
}

/** What the identity reaches, before and after. */
export async function blastPart({ blastRadius }: DraftRow): Promise<SafeHtml | false> {
  if (blastRadius === undefined || blastRadius.nodes.length === 0) return false;
  return section('blast', 'Blast radius', await blastView(blastRadius));
}

/** What runs with the identity, and what the change means for each. */
export function workloadsPart({ draft, context }: DraftRow): SafeHtml {
  const noted = new Set(draft.proof.workloads.map((workload) => workload.arn));
  const others = context.workloads.filter((workload) => !noted.has(workload.arn));
  const items = [
    ...draft.proof.workloads.map(
      (each) =>
        html`<strong>${shortName(each.arn)}</strong> <span class="soft">${each.type}</span><br>${each.note}<span class="source"><code>${each.arn}</code></span>`,
    ),
    ...others.map(
      (each) =>
        html`<strong>${shortName(each.arn)}</strong> <span class="soft">${each.type}</span><span class="source"><code>${each.arn}</code></span>`,
    ),
  ];
  return section(
    'workloads',
    'Attached workloads',
    listOr(items, 'Nothing is known to run with this identity.'),
  );
}

/** The change as files, and the route that it will take. */
export function filesPart(
  row: RequestRow,
  files: readonly { name: string; text: string }[],
  { route, draft }: DraftRow,
): SafeHtml {
  const base = `/requests/${encodeURIComponent(row.request.id)}/files`;
  const items = files.map(
    (file) =>
      html`<a href="${base}/${encodeURIComponent(file.name)}" download>${file.name}</a> <span class="soft small">${count(file.text.split('\n').length, 'line')}</span>`,
  );
  return section(
    'files',
    'Files and route',
    html`<p>${ROUTE_WORDS[route].does}</p>
${listOr(items, 'This kind of change has no files.')}
<p class="small soft">Drafted by ${draft.draftedBy}. Digest of change and proof: <code>${row.request.digest}</code></p>`,
  );
}
