import { assertNever } from '../../../domain/text/assert-never.js';
import type { Block } from '../../../domain/text/block.js';
import { safeUrl } from '../../../domain/text/html.js';
import { GENERATED_MARK, printable } from '../../../domain/text/plain-text.js';

/** A node of the Atlassian Document Format, version 1. https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/ */
export interface AdfNode {
  type: string;
  attrs?: Readonly<Record<string, string | number>>;
  content?: readonly AdfNode[];
  text?: string;
  marks?: readonly { type: string; attrs?: Readonly<Record<string, string>> }[];
}
/** A document as Jira Cloud's REST API v3 takes it: Atlassian Document Format, version 1. */
export interface AdfDocument {
  type: 'doc';
  version: 1;
  content: readonly AdfNode[];
}

/** A field of rich text takes 32,767 characters of JSON; what does not fit is left to the attachments. */
const MAX_LENGTH = 30_000;
const MAX_TEXT = 8_000;
const MAX_DEPTH = 40;

/** A document as ADF. `ending` stands in a paragraph of its own at the end, whatever had to be left out before it. */
export function toAdf(blocks: readonly Block[], ending?: string): AdfDocument {
  const last = ending === undefined ? [] : [paragraph([textNode(ending)])];
  let left = MAX_LENGTH - JSON.stringify(last).length;
  const content: AdfNode[] = [];
  for (const node of blocks.flatMap(nodesOf)) {
    left -= JSON.stringify(node).length;
    if (left < 0) {
      content.push(paragraph([textNode('The rest is in the attachments.')]));
      break;
    }
    content.push(node);
  }
  const all = [...content, ...last];
  return { type: 'doc', version: 1, content: all.length === 0 ? [paragraph([])] : all };
}

function nodesOf(block: Block): readonly AdfNode[] {
  switch (block.type) {
    case 'heading':
      return [{ type: 'heading', attrs: { level: 3 }, content: texts(block.text) }];
    case 'paragraph':
      return [paragraph(texts(block.text))];
    case 'generated':
      return [generated(block)];
    case 'facts':
      return bullets(block.rows.map(({ label, value }) => [strong(label), textNode(`: ${value}`)]));
    case 'list':
      return bullets(block.items.map((item) => texts(item)));
    case 'code':
      return [
        {
          type: 'codeBlock',
          attrs: { language: block.language.slice(0, 40) },
          content: texts(block.text),
        },
      ];
    case 'link':
      return [paragraph([linkNode(block)])];
    default:
      return assertNever(block);
  }
}

/** What a model wrote stands in a panel with its mark. */
function generated({ text, llmSessionId }: { text: string; llmSessionId: string }): AdfNode {
  const head = paragraph([strong(`${GENERATED_MARK}, session ${llmSessionId}`)]);
  return { type: 'panel', attrs: { panelType: 'note' }, content: [head, paragraph(texts(text))] };
}

function bullets(items: readonly (readonly AdfNode[])[]): readonly AdfNode[] {
  if (items.length === 0) return [];
  const content = items.map((item) => ({ type: 'listItem', content: [paragraph(item)] }));
  return [{ type: 'bulletList', content }];
}

function linkNode({ text, url }: { text: string; url: string }): AdfNode {
  const href = safeUrl(url);
  const shown = text === '' ? url : text;
  if (href?.startsWith('http') !== true) return textNode(`${shown}: ${url}`);
  return { ...textNode(shown), marks: [{ type: 'link', attrs: { href } }] };
}

function paragraph(content: readonly AdfNode[]): AdfNode {
  return { type: 'paragraph', content };
}
function strong(text: string): AdfNode {
  return { ...textNode(text), marks: [{ type: 'strong' }] };
}
/** A text node must not be empty. */
function textNode(text: string): AdfNode {
  const bounded = printable(text).slice(0, MAX_TEXT);
  return { type: 'text', text: bounded === '' ? ' ' : bounded };
}
function texts(text: string): readonly AdfNode[] {
  return text === '' ? [] : [textNode(text)];
}

/** The text of a document from outside, a line for each block; bounded in depth. A plain string stands for itself. */
export function textOfAdf(value: unknown, depth = 0): string {
  if (typeof value === 'string') return depth === 0 ? value : '';
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return '';
  const node = value as { type?: unknown; text?: unknown; content?: unknown; attrs?: { text?: unknown } };
  if (node.type === 'text') return typeof node.text === 'string' ? node.text : '';
  if (node.type === 'hardBreak') return '\n';
  if (node.type === 'mention') return typeof node.attrs?.text === 'string' ? node.attrs.text : '';
  const inner = Array.isArray(node.content) ? node.content.map((each) => textOfAdf(each, depth + 1)) : [];
  const isBlock = node.type === 'doc' || node.type === 'bulletList' || node.type === 'panel';
  return inner.join(isBlock ? '\n' : '');
}
