import type { BlastRadius } from '../../domain/lifecycle/context.js';
import { html, type SafeHtml } from '../../domain/text/html.js';
import { blastPicture, fate } from './blast-picture.js';
import { chip } from './layout.js';
import type { Wording } from './words.js';

const FATE_WORDS: Readonly<Record<ReturnType<typeof fate>, Wording>> = {
  kept: { text: 'Stays', tone: 'quiet' },
  gone: { text: 'No longer', tone: 'good' },
  added: { text: 'New', tone: 'bad' },
};
const ROWS_SHOWN = 100;

/** The picture of what is reached, its legend, and a table that says the same in words. */
export async function blastView(radius: BlastRadius): Promise<SafeHtml> {
  const picture = await blastPicture(radius);
  const labels = new Map(radius.nodes.map((node) => [node.id, node.label]));
  const rows = [...radius.edges].sort((a, b) => fate(b).localeCompare(fate(a))).slice(0, ROWS_SHOWN);
  const name = (id: string): string => labels.get(id) || id;
  return html`${picture}
<ul class="legend">
<li><svg width="30" height="8" class="picture-key" aria-hidden="true"><path class="key kept" d="M0 4H30"/></svg>stays</li>
<li><svg width="30" height="8" class="picture-key" aria-hidden="true"><path class="key gone" d="M0 4H30"/></svg>no longer possible</li>
<li><svg width="16" height="12" class="picture-key" aria-hidden="true"><rect class="key sensitive" x="1" y="1" width="14" height="10" rx="3"/></svg>sensitive</li>
</ul>
<details><summary>The same as a table</summary>
<div class="scroll"><table class="stack"><thead><tr><th scope="col">From</th><th scope="col">Can</th><th scope="col">To</th><th scope="col">After the change</th></tr></thead>
<tbody>${rows.map((edge) => html`<tr><td data-label="From">${name(edge.from)}</td><td data-label="Can">${edge.label}</td><td data-label="To">${name(edge.to)}</td><td data-label="After">${chip(FATE_WORDS[fate(edge)])}</td></tr>`)}</tbody></table></div>
${radius.edges.length > ROWS_SHOWN && html`<p class="small soft">${radius.edges.length - ROWS_SHOWN} more are in the evidence.</p>`}
</details>`;
}
