import { type HtmlValue, html, type SafeHtml } from '../../domain/text/html.js';
import { isAuditor, seesAll } from './access.js';
import type { Assets } from './assets.js';
import type { Session } from './sessions.js';
import type { Tone, Wording } from './words.js';

/** What a page is put into. */
export interface Frame {
  assets: Assets;
  organisation?: string;
  /** Undefined before sign-in. */
  session?: Session;
  /** Which entry of the navigation the page belongs to. */
  section?: Section;
  flash?: Flash;
  tickets: boolean;
}
/** The parts of the site that the navigation names. */
export type Section = 'inbox' | 'findings' | 'blame' | 'owners' | 'digest' | 'tickets' | 'audit';

/** One sentence about what just happened, shown once. */
export interface Flash {
  tone: 'good' | 'warn' | 'bad';
  text: string;
}

/** A whole page. `refreshSeconds` reloads it where scripts do not run. */
export function page(
  frame: Frame,
  content: { title: string; body: SafeHtml; refreshSeconds?: number },
): SafeHtml {
  const { assets, session } = frame;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${content.title} · Curtail</title>
<link rel="icon" href="${assets.mark}" type="image/svg+xml">
<link rel="stylesheet" href="${assets.style}">
<script src="${assets.script}" defer></script>
${content.refreshSeconds !== undefined && html`<noscript><meta http-equiv="refresh" content="${content.refreshSeconds}"></noscript>`}
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
<header class="top">
<div class="top-row">
<a class="brand" href="/"><img src="${assets.mark}" alt="" width="28" height="28"><span>Curtail</span></a>
${frame.organisation !== undefined && html`<span class="organisation">${frame.organisation}</span>`}
${session !== undefined && visitor(session)}
</div>
${session !== undefined && navigation(frame, session)}
</header>
<main id="content" tabindex="-1">
${frame.flash !== undefined && banner(frame.flash)}
${content.body}
</main>
<footer class="foot"><p>The model proposes, proof disposes. Nothing changes without a decision that is on record.</p></footer>
</body>
</html>`;
}

function visitor(session: Session): SafeHtml {
  return html`<form class="visitor" method="post" action="/sign-out">
<input type="hidden" name="csrf" value="${session.csrf}">
<span class="visitor-name">${session.person.name}</span>
<button class="quiet" type="submit">Sign out</button>
</form>`;
}

function navigation(frame: Frame, session: Session): SafeHtml {
  const entries: [section: Section, href: string, text: string, shown: boolean][] = [
    ['inbox', '/', 'Inbox', true],
    ['findings', '/findings', 'Findings', true],
    ['blame', '/blame', 'Access denied?', true],
    ['owners', '/owners', 'Owners', seesAll(session.person)],
    ['digest', '/digest', 'Weekly digest', true],
    ['tickets', '/tickets', 'Tickets', frame.tickets],
    ['audit', '/audit', 'Audit', isAuditor(session.person)],
  ];
  return html`<nav class="tabs" aria-label="Main"><ul>${entries
    .filter(([, , , shown]) => shown)
    .map(([section, href, text]) => {
      return section === frame.section
        ? html`<li><a href="${href}" aria-current="page">${text}</a></li>`
        : html`<li><a href="${href}">${text}</a></li>`;
    })}</ul></nav>`;
}

function banner(flash: Flash): SafeHtml {
  return html`<p class="banner tone-${flash.tone}" role="${flash.tone === 'good' ? 'status' : 'alert'}">${flash.text}</p>`;
}

/** A small mark of state: the colour repeats what the words say. */
export function chip(wording: Wording): SafeHtml {
  return html`<span class="chip tone-${wording.tone}">${wording.text}</span>`;
}

/** A titled part of a page. */
export function section(id: string, title: string, body: HtmlValue, lead?: HtmlValue): SafeHtml {
  return html`<section class="card" aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${lead !== undefined && html`<p class="lead">${lead}</p>`}
${body}
</section>`;
}

/** Labels and what they stand for: side by side, or with `lines` one below the other, for long values. */
export function facts(
  rows: readonly (readonly [label: string, value: HtmlValue])[],
  shape: 'grid' | 'lines' = 'grid',
): SafeHtml {
  return html`<dl class="facts ${shape}">${rows.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** A horizontal bar for a share of 0..1; the number itself is always written beside it. */
export function bar(share: number, tone: Tone): SafeHtml {
  const width = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return html`<svg class="bar tone-${tone}" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect class="bar-track" width="100" height="6" rx="3"/><rect class="bar-fill" width="${width}" height="6" rx="3"/></svg>`;
}

/** A list, or the sentence that says why there is none. */
export function listOr(items: readonly HtmlValue[], otherwise: string, className = 'plain'): SafeHtml {
  if (items.length === 0) return html`<p class="none">${otherwise}</p>`;
  return html`<ul class="${className}">${items.map((item) => html`<li>${item}</li>`)}</ul>`;
}
