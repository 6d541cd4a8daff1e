import { assertNever } from '../../../domain/text/assert-never.js';
import type { Block } from '../../../domain/text/block.js';
import { safeUrl } from '../../../domain/text/html.js';
import { GENERATED_MARK, plainLine, printable } from '../../../domain/text/plain-text.js';
import type { Notice } from '../port.js';

/** A block of Slack's Block Kit. https://docs.slack.dev/reference/block-kit/blocks */
export type KitBlock = Readonly<Record<string, unknown>> & { type: string };

/** Names of our buttons and of our form. */
export const ACTION = {
  approve: 'curtail.approve',
  reject: 'curtail.reject',
  open: 'curtail.open',
  reason: 'curtail.reason',
} as const;

const MAX_SECTION = 2_900;
/** A message takes about 13,200 characters in all its blocks; what does not fit is on the page. */
const MAX_TOTAL = 9_000;
const MAX_BLOCKS = 40;
const MAX_HEADER = 150;

/** Outside text for mrkdwn: Slack reads only these three as markup of links, mentions and commands. */
export function escaped(text: string): string {
  return printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Title and body of a message. */
export function messageBlocks(title: string, body: readonly Block[], mentions = ''): readonly KitBlock[] {
  const header: KitBlock = {
    type: 'header',
    text: { type: 'plain_text', text: plainLine(title, MAX_HEADER) },
  };
  const blocks: KitBlock[] = [header, ...(mentions === '' ? [] : [section(mentions)])];
  let left = MAX_TOTAL;
  for (const text of body.map(mrkdwn).filter((each) => each !== '')) {
    left -= text.length;
    if (left < 0 || blocks.length >= MAX_BLOCKS) return [...blocks, section('_The rest is on the page._')];
    blocks.push(section(text.length <= MAX_SECTION ? text : `${cut(text, MAX_SECTION)}…`));
  }
  return blocks;
}

/** The buttons of a notice. They carry what was shown: a click on an older draft decides nothing about a newer one. */
export function buttons({ buttons: offered, requestId, digest, url }: Notice): KitBlock {
  const value = JSON.stringify({ r: requestId, d: digest });
  const open = { ...button(ACTION.open, 'Open in Curtail'), ...linkOf(url) };
  const approve = {
    ...button(ACTION.approve, 'Approve'),
    value,
    style: 'primary',
    confirm: {
      title: { type: 'plain_text', text: 'Approve this change?' },
      text: { type: 'plain_text', text: 'It is applied as shown, by the route that is configured.' },
      confirm: { type: 'plain_text', text: 'Approve' },
      deny: { type: 'plain_text', text: 'Not now' },
    },
  };
  const reject = { ...button(ACTION.reject, 'Reject …'), value, style: 'danger' };
  return {
    type: 'actions',
    block_id: 'curtail.decision',
    elements: offered ? [approve, reject, open] : [open],
  };
}

/** A link below a message that no longer offers a decision. */
export function linkLine(url: string): KitBlock {
  const safe = safeUrl(url);
  return section(safe === undefined ? '' : `<${escaped(safe)}|Open>`);
}

/** The form that asks for the reason of a rejection. */
export function reasonForm(title: string, metadata: string): KitBlock {
  return {
    type: 'modal',
    callback_id: ACTION.reason,
    private_metadata: metadata,
    title: { type: 'plain_text', text: 'Reject the change' },
    submit: { type: 'plain_text', text: 'Reject' },
    close: { type: 'plain_text', text: 'Cancel' },
    blocks: [
      section(escaped(plainLine(title, 300))),
      {
        type: 'input',
        block_id: 'reason',
        label: { type: 'plain_text', text: 'Why?' },
        element: {
          type: 'plain_text_input',
          action_id: 'reason',
          multiline: true,
          min_length: 3,
          max_length: 2_000,
        },
      },
    ],
  };
}

function section(text: string): KitBlock {
  return { type: 'section', text: { type: 'mrkdwn', text } };
}

function button(actionId: string, text: string): Record<string, unknown> {
  return { type: 'button', action_id: actionId, text: { type: 'plain_text', text } };
}

function linkOf(url: string): { url?: string } {
  const safe = safeUrl(url);
  return safe === undefined || safe.length > 3_000 ? {} : { url: safe };
}

function mrkdwn(block: Block): string {
  switch (block.type) {
    case 'heading':
      return `*${escaped(block.text)}*`;
    case 'paragraph':
      return escaped(block.text);
    case 'generated':
      return `_${GENERATED_MARK}, session ${escaped(block.llmSessionId)}_\n${escaped(block.text)}`;
    case 'facts':
      return block.rows.map(({ label, value }) => `*${escaped(label)}*: ${escaped(value)}`).join('\n');
    case 'list':
      return block.items.map((item) => `• ${escaped(item)}`).join('\n');
    case 'code':
      return `\`\`\`${escaped(block.text).replaceAll('```', "'''")}\`\`\``;
    case 'link': {
      const safe = safeUrl(block.url);
      return safe === undefined ? escaped(block.text) : `<${escaped(safe)}|${escaped(block.text) || 'Open'}>`;
    }
    default:
      return assertNever(block);
  }
}

/** Cuts without splitting an escape such as `&amp;`. */
function cut(text: string, length: number): string {
  return text.slice(0, length).replace(/&[a-z]{0,3}$/, '');
}
