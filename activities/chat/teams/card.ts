import { assertNever } from '../../../domain/text/assert-never.js';
import type { Block } from '../../../domain/text/block.js';
import { safeUrl } from '../../../domain/text/html.js';
import { GENERATED_MARK, plainLine, printable } from '../../../domain/text/plain-text.js';

/** An Adaptive Card, version 1.4. https://adaptivecards.io/explorer/AdaptiveCard.html */
export interface Card {
  type: 'AdaptiveCard';
  $schema: string;
  version: '1.4';
  body: readonly CardPart[];
  actions: readonly CardPart[];
}
type CardPart = Readonly<Record<string, unknown>> & { type: string };

/** What people can do on a card. */
export interface CardOffer {
  url: string;
  /** Set where a bot takes the click: what was shown, so that an older card decides nothing about a newer draft. */
  decision?: { requestId: string; digest: string };
  /** By which a question names what it is about. */
  reference?: string;
}

/** Names of our buttons. */
export const VERB = { approve: 'curtail.approve', reject: 'curtail.reject' } as const;

/** Teams counts 28 KB as it stores a card, which is more than was sent; what does not fit is on the page. */
const MAX_BYTES = 18_000;
const MAX_TEXT = 3_000;

/** A notice or a state as a card. */
export function cardOf(title: string, body: readonly Block[], offer: CardOffer): Card {
  const parts = [
    text(plainLine(title, 200), { weight: 'Bolder', size: 'Medium' }),
    ...body.flatMap(partsOf),
    ...(offer.reference === undefined
      ? []
      : [text(`Reference: ${offer.reference}`, { isSubtle: true, size: 'Small' })]),
  ];
  const card = (some: readonly CardPart[]): Card => ({
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: '1.4',
    body: [...some, ...(offer.decision === undefined ? [] : [REASON])],
    actions: actionsOf(offer),
  });
  let kept = parts;
  while (kept.length > 1 && Buffer.byteLength(JSON.stringify(card(kept))) > MAX_BYTES) {
    kept = [...kept.slice(0, -2), text('The rest is on the page.', { isSubtle: true })];
    if (kept.length === 2) break;
  }
  return card(kept);
}

/** Needed for a rejection only; a card has no form that opens on a click in every client. */
const REASON: CardPart = {
  type: 'Input.Text',
  id: 'reason',
  label: 'Reason, for a rejection',
  isMultiline: true,
  maxLength: 2_000,
};

function actionsOf({ url, decision }: CardOffer): readonly CardPart[] {
  const safe = safeUrl(url);
  const open = safe === undefined ? [] : [{ type: 'Action.OpenUrl', title: 'Open in Curtail', url: safe }];
  if (decision === undefined) return open;
  const execute = (verb: string, label: string, style: string): CardPart => ({
    type: 'Action.Execute',
    verb,
    title: label,
    style,
    data: { r: decision.requestId, d: decision.digest },
  });
  return [
    execute(VERB.approve, 'Approve', 'positive'),
    execute(VERB.reject, 'Reject', 'destructive'),
    ...open,
  ];
}

function partsOf(block: Block): readonly CardPart[] {
  switch (block.type) {
    case 'heading':
      return [text(block.text, { weight: 'Bolder' })];
    case 'paragraph':
      return [text(block.text)];
    case 'generated':
      return [
        text(`${GENERATED_MARK}, session ${block.llmSessionId}`, { isSubtle: true, size: 'Small' }),
        text(block.text),
      ];
    case 'facts':
      return [
        {
          type: 'FactSet',
          facts: block.rows.map(({ label, value }) => ({ title: plain(label), value: plain(value) })),
        },
      ];
    case 'list':
      return block.items.length === 0 ? [] : [text(block.items.map((item) => `• ${item}`).join('\n'))];
    case 'code':
      return [text(block.text, { fontType: 'Monospace' })];
    case 'link': {
      const safe = safeUrl(block.url);
      return safe === undefined ? [text(block.text)] : [text(`${block.text}: ${safe}`)];
    }
    default:
      return assertNever(block);
  }
}

function text(value: string, style: Record<string, unknown> = {}): CardPart {
  return { type: 'TextBlock', text: plain(value), wrap: true, ...style };
}

/** Text blocks read a part of Markdown: what would make a link or an emphasis is told apart. */
function plain(value: string): string {
  return printable(value)
    .slice(0, MAX_TEXT)
    .replace(/[\\[\]*_`]/g, (letter) => `\\${letter}`);
}
