import { assertNever } from '../../domain/text/assert-never.js';
import type { Block } from '../../domain/text/block.js';
import { html, link, type SafeHtml } from '../../domain/text/html.js';
import { facts, listOr } from './layout.js';
import { generatedMark } from './pages/request-context.js';

/** A document of blocks as a page shows it. */
export function blocksView(blocks: readonly Block[]): readonly SafeHtml[] {
  return blocks.map(blockView);
}

function blockView(block: Block): SafeHtml {
  switch (block.type) {
    case 'heading':
      return html`<h2>${block.text}</h2>`;
    case 'paragraph':
      return html`<p>${block.text}</p>`;
    case 'generated':
      return html`${generatedMark(block.llmSessionId)}<p>${block.text}</p>`;
    case 'facts':
      return facts(block.rows.map(({ label, value }) => [label, value] as const));
    case 'list':
      return listOr(block.items, '', 'tight');
    case 'code':
      return html`<pre class="witness">${block.text}</pre>`;
    case 'link':
      return html`<p>${link(block.text, block.url)}</p>`;
    default:
      return assertNever(block);
  }
}
