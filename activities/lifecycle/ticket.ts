import { renderChange } from '../../domain/change/render.js';
import type { Block } from '../../domain/text/block.js';
import type { AskInput } from '../contract.js';
import type { Attachment, TicketDraft } from '../itsm/port.js';
import type { DraftRow, RequestRow } from '../ledger/port.js';
import { requestUrl } from './ask.js';
import type { LifecyclePorts } from './ports.js';

/** Everything that somebody who lives in the ticket system needs to decide. One ticket a root cause. */
export async function ticketDraft(
  ports: LifecyclePorts,
  input: Pick<AskInput, 'requestId' | 'keys' | 'severity' | 'digest' | 'note'>,
  drafted: DraftRow,
  row: RequestRow,
): Promise<TicketDraft> {
  const lead = await ports.ledger.finding(input.keys[0] ?? '');
  const { draft, context } = drafted;
  const { owner } = context;
  const url = requestUrl(ports, input.requestId);
  const [first] = owner.personIds;
  const assignee = first === undefined ? undefined : (await ports.directory.person(first))?.email;
  const facts: { label: string; value: string }[] = [
    { label: 'About', value: lead?.finding.subject.id ?? '' },
    { label: 'Findings', value: String(input.keys.length) },
    { label: 'Environment', value: context.environment },
    {
      label: 'Risk',
      value: `${Math.round(draft.riskBefore.value)} of 100, ${Math.round(draft.riskAfter.value)} after the change`,
    },
    { label: 'Confidence', value: `${Math.round(draft.confidence.value * 100)} %` },
    { label: 'Proof', value: draft.proof.verdict },
    { label: 'Route', value: drafted.route },
    { label: 'Suggested owner', value: `${owner.team ?? first ?? 'nobody known'} (${owner.how})` },
    { label: 'Digest', value: input.digest },
    ...(lead?.finding.consoleUrl === undefined
      ? []
      : [{ label: 'In the platform', value: lead.finding.consoleUrl }]),
    ...(lead?.finding.compliance.length
      ? [{ label: 'Compliance policies', value: lead.finding.compliance.join(', ') }]
      : []),
    ...context.facts.map((fact) => ({ label: fact.label, value: `${fact.value} (${fact.source})` })),
    ...context.regulations.map((cited) => ({ label: cited.regulation, value: cited.citation })),
  ];
  return {
    key: `${input.requestId}/ticket`,
    title: row.title,
    severity: input.severity,
    labels: ['curtail', lead?.finding.kind ?? 'finding'],
    decideUrl: url,
    attachments: attachments(drafted),
    body: [
      ...noteBlocks(input.note),
      ...words(drafted),
      { type: 'facts', rows: facts },
      ...removals(drafted),
      { type: 'link', text: 'Decide', url },
    ],
    ...(assignee !== undefined && { assignee }),
    ...(owner.team !== undefined && { team: owner.team }),
  };
}

/** The words of whoever released the ticket, as theirs. */
function noteBlocks(note: AskInput['note']): readonly Block[] {
  return note === undefined ? [] : [{ type: 'paragraph', text: `Note from ${note.by}: ${note.text}` }];
}

/** A short message: what it is, what would change, where to decide. */
export function noticeBody(drafted: DraftRow, row: RequestRow): readonly Block[] {
  const { draft } = drafted;
  return [
    ...words(drafted).slice(0, 3),
    ...removals(drafted, 5),
    {
      type: 'facts',
      rows: [
        { label: 'Risk', value: `${Math.round(draft.riskBefore.value)} of 100` },
        { label: 'Environment', value: row.environment },
        { label: 'Proof', value: draft.proof.verdict },
      ],
    },
  ];
}

/** The explanation; what a model wrote carries its mark. */
function words(drafted: DraftRow): readonly Block[] {
  const { explanation } = drafted;
  if (explanation === undefined) return [];
  const texts = [
    explanation.summary,
    explanation.whyItMatters,
    explanation.whatChanges,
    explanation.whatStays,
  ].filter((text) => text !== '');
  const { llmSessionId } = explanation;
  if (llmSessionId === undefined) return texts.map((text) => ({ type: 'paragraph', text }));
  return texts.map((text) => ({ type: 'generated', text, llmSessionId }));
}

const MAX_LISTED = 25;

function removals(drafted: DraftRow, most = MAX_LISTED): readonly Block[] {
  const { removed } = drafted.draft;
  if (removed.length === 0) return [];
  const listed = removed.slice(0, most).map((item) => `${item.action}: ${item.reason}`);
  const more = removed.length - listed.length;
  return [
    { type: 'heading', text: 'What would be removed' },
    { type: 'list', items: more > 0 ? [...listed, `and ${more} more`] : listed },
  ];
}

function attachments(drafted: DraftRow): readonly Attachment[] {
  const { changes } = drafted.draft;
  const states = changes.flatMap((change, index) => [
    {
      name: `${index + 1}-before.json`,
      mediaType: 'application/json',
      text: `${JSON.stringify(change.before, null, 2)}\n`,
    },
    {
      name: `${index + 1}-after.json`,
      mediaType: 'application/json',
      text: `${JSON.stringify(change.after, null, 2)}\n`,
    },
  ]);
  const terraform = changes.flatMap((change, index) =>
    renderChange(change, 'terraform').files.map((file) => ({
      name: `${index + 1}-${file.name}`,
      mediaType: 'text/plain',
      text: file.text,
    })),
  );
  const proof = {
    name: 'proof.json',
    mediaType: 'application/json',
    text: `${JSON.stringify(drafted.draft.proof, null, 2)}\n`,
  };
  return [...states, ...terraform, proof];
}
