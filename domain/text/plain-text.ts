import { assertNever } from './assert-never.js';
import type { Block } from './block.js';

/** The mark on everything that a model wrote. */
export const GENERATED_MARK = 'AI-generated guidance';

/** Control characters but tab and line feed: in a terminal or a log they could overwrite or forge what people see. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: naming them is the point
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** A document as plain text, a blank line between blocks. Safe to print: outside text keeps no control characters. */
export function plainText(blocks: readonly Block[]): string {
  return printable(blocks.map(plainBlock).join('\n\n'));
}

/** One line of outside text, cut at `maxLength` UTF-16 code units. */
export function plainLine(text: string, maxLength = 300): string {
  const line = printable(text).replace(/\s+/g, ' ').trim();
  return line.length <= maxLength ? line : `${line.slice(0, maxLength - 1)}…`;
}

/** Text without control and direction-changing characters. */
export function printable(text: string): string {
  return text.replace(CONTROL, '\ufffd');
}

function plainBlock(block: Block): string {
  switch (block.type) {
    case 'heading':
      return block.text;
    case 'paragraph':
      return block.text;
    case 'generated':
      return `[${GENERATED_MARK}, session ${block.llmSessionId}] ${block.text}`;
    case 'facts':
      return block.rows.map(({ label, value }) => `${label}: ${value}`).join('\n');
    case 'list':
      return block.items.map((item) => `- ${item}`).join('\n');
    case 'code':
      return block.text;
    case 'link':
      return `${block.text}: ${block.url}`;
    default:
      return assertNever(block);
  }
}
