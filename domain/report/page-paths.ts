import { html, type SafeHtml } from '../text/html.js';
import type { ReportPath } from './model.js';
import { chip, count, cut, shortName } from './page-kit.js';

/** More pictures than this nobody looks at; the table of the JSON has them all. */
const MAX_PICTURES = 60;

/** Ends of the same way that are named in words, and that a search finds. */
const ALSO_SHOWN = 4;
const ALSO_SEARCHED = 50;

const WIDTH = 320;
const NODE_HEIGHT = 46;
const STEP_HEIGHT = 62;
const MAX_LABEL = 38;

/** Escalation paths as pictures, the open ones first. */
export function pathsSection(paths: readonly ReportPath[]): SafeHtml {
  const open = paths.filter(({ status }) => status === 'open');
  const ends = (of: readonly ReportPath[]): number => of.reduce((sum, { also }) => sum + 1 + also.length, 0);
  const closed = ends(open.filter((path) => path.closed));
  const lead =
    paths.length === 0
      ? 'No identity in scope can gain more permissions than it was given, by any of the known techniques.'
      : `${count(ends(open), 'open path')} by which an identity can gain more than it was given; ${closed} of them are closed by the fixes below. Latent paths need something that is not there now.`;
  return html`<section id="paths"><h2>Escalation paths</h2><p class="soft">${lead}</p>
${
  paths.length > 0 &&
  html`<div><div class="filters" data-filter="path-list"><label class="grow">Search<input type="search" name="text" placeholder="role, technique, permission"></label>
<label>State<select name="state"><option value="">all</option><option value="open">open</option><option value="latent">latent</option></select></label>
<label>After the fixes<select name="after"><option value="">all</option><option value="closed">closed</option><option value="remains">remains</option></select></label></div>
<p class="count"></p><div class="pictures" id="path-list">${paths.slice(0, MAX_PICTURES).map(picture)}</div>
${paths.length > MAX_PICTURES && html`<p class="soft small">${count(paths.length - MAX_PICTURES, 'more path')} in report.json.</p>`}</div>`
}</section>`;
}

function picture(path: ReportPath): SafeHtml {
  const { from, to, also, technique, gain, status, closed, assumptions } = path;
  const text = [
    from,
    to,
    ...also.slice(0, ALSO_SEARCHED),
    technique,
    ...path.steps.map(({ permission }) => permission),
  ]
    .join(' ')
    .toLowerCase();
  return html`<figure class="path ${status}" data-text="${text}" data-state="${status}" data-after="${closed ? 'closed' : 'remains'}">
<figcaption><div class="chips">${status === 'open' ? chip('open', 'bad') : chip('latent', 'quiet')}${gain === 'administrator' ? chip('to administrator', 'bad') : chip('sideways', 'warn')}${status === 'open' && (closed ? chip('closed by the fixes', 'good') : chip('remains', 'warn'))}</div>
<strong class="wrap">${shortName(from)}</strong> <span class="soft small">by ${technique}</span></figcaption>
${draw(path)}
${also.length > 0 && html`<p class="small soft">The same way leads to ${also.slice(0, ALSO_SHOWN).map(shortName).join(', ')}${also.length > ALSO_SHOWN && ` and ${count(also.length - ALSO_SHOWN, 'other')}`}.</p>`}
${assumptions.length > 0 && html`<p class="small soft">Assumed: ${assumptions.join(' ')}</p>`}</figure>`;
}

/** A column of boxes joined by arrows: readable at any width. Every word is escaped by the template. */
function draw({ from, to, gain, steps }: ReportPath): SafeHtml {
  const end = endOf(from, to);
  const height = 2 * NODE_HEIGHT + steps.length * STEP_HEIGHT + 4;
  const bottom = NODE_HEIGHT + steps.length * STEP_HEIGHT;
  const title = `${shortName(from)} becomes ${end}: ${steps.map(({ step }) => step).join(', then ')}`;
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}">${node(2, shortName(from), kindOf(from), 'from')}${steps.map(
    ({ step, permission, resource }, i) => {
      const y = 2 + NODE_HEIGHT + i * STEP_HEIGHT;
      return html`<g><title>${`${permission} on ${resource}`}</title><path class="line" d="M24 ${y}V${y + STEP_HEIGHT - 7}"/><polygon class="tip" points="24,${y + STEP_HEIGHT} 19.5,${y + STEP_HEIGHT - 8} 28.5,${y + STEP_HEIGHT - 8}"/><text class="step" x="40" y="${y + 20}">${cut(step, MAX_LABEL)}</text><text class="grant" x="40" y="${y + 36}">${cut(permission, MAX_LABEL)}</text><text class="grant" x="40" y="${y + 50}">${cut(objectOf(resource), MAX_LABEL)}</text></g>`;
    },
  )}${node(bottom, end, gain === 'administrator' ? 'administrator' : kindOf(to), 'end')}</svg>`;
}

/** The search asks about a resource that is made on the way under the name `x`. */
function objectOf(resource: string): string {
  const name = shortName(resource);
  return name === '*' || name === 'x' ? 'any' : name;
}

/** Of a latent path without a candidate, the end is whatever would have to exist. */
function endOf(from: string, to: string): string {
  if (from === to) return 'administrator';
  const name = shortName(to);
  return name === '*' ? 'a role that is not there now' : name;
}

function node(y: number, name: string, kind: string, role: 'from' | 'end'): SafeHtml {
  return html`<rect class="node ${role}" x="2" y="${y}" width="${WIDTH - 4}" height="${NODE_HEIGHT}" rx="10"/><text x="16" y="${y + 20}">${cut(name, MAX_LABEL)}</text><text class="kind" x="16" y="${y + 36}">${kind}</text>`;
}

function kindOf(arn: string): string {
  const account = arn.split(':')[4] ?? '';
  const kind = /:(role|user|group|root)\b/.exec(arn)?.[1] ?? 'identity';
  return account === '' ? kind : `${kind} in ${account}`;
}
