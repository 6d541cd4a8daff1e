import { html, SafeHtml } from '../text/html.js';
import type { InputFault, Report } from './model.js';
import { coverageSection } from './page-coverage.js';
import { findingsSection, fixesSection } from './page-fixes.js';
import { accountsSection, hero } from './page-hero.js';
import { identitiesSection } from './page-identities.js';
import { count, list } from './page-kit.js';
import { pathsSection } from './page-paths.js';
import { SCRIPT, STYLE } from './page-style.js';

const MARK = html`<svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8" fill="#0f766e"/><path d="M22 11.5A7.5 7.5 0 1 0 22 20.5" fill="none" stroke="#fff" stroke-width="3.2" stroke-linecap="round"/><path d="M17 16h8" stroke="#99f6e4" stroke-width="3.2" stroke-linecap="round"/></svg>`;

/**
 * The report as one HTML page that loads nothing from anywhere. `scriptDigest` is the base64 SHA-256 of `SCRIPT`: the
 * page's own content security policy lets that script run and no other.
 */
export function reportPage(report: Report, scriptDigest: string): string {
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${scriptDigest}'; base-uri 'none'; form-action 'none'`;
  return html`${new SafeHtml('<!doctype html>')}
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex"><title>Least-privilege analysis</title><style>${new SafeHtml(STYLE)}</style></head>
<body><header class="top"><div class="wide"><div class="brand">${MARK}<span>Curtail</span></div><nav aria-label="Sections"><a href="#evidence">Evidence</a><a href="#identities">Identities</a><a href="#paths">Paths</a><a href="#fixes">Fixes</a>${report.findings.length > 0 && html`<a href="#findings">Findings</a>`}<a href="#method">Method</a></nav></div></header>
<main class="wide">${hero(report)}${accountsSection(report)}${coverageSection(report.accounts)}${identitiesSection(report)}${pathsSection(report.paths)}${fixesSection(report)}${findingsSection(report.findings)}${methodSection(report)}</main>
<footer class="wide">Made on ${report.generatedIso.slice(0, 16).replace('T', ' ')} UTC from files, read-only. ${report.engine}, catalogue ${report.catalogue}. The same facts for programs: report.json.</footer>
<script>${new SafeHtml(SCRIPT)}</script></body></html>
`.text;
}

function methodSection({ formula, notes, faults, fixes }: Report): SafeHtml {
  const leftOut = fixes.filter((fix) => fix.leftOut !== undefined).length;
  return html`<section id="method"><h2>Method</h2><div class="card"><p><strong>Over-permission.</strong> ${formula} What the log cannot show is neither used nor unused; how much that is stands beside each identity.</p>
<p><strong>Effective permissions.</strong> Actions that some statement allows on some resource, within the permissions boundary and the organisation’s service control policies, without those that a Deny takes away always. The totals add them up over the identities in scope, now and with every fix applied together${leftOut > 0 && `; ${count(leftOut, 'fix', 'fixes')} that overlap with another or are not proved are left out`}.</p>
<p><strong>Risk.</strong> 100 × the product of seven factors, each to the power of its weight: power, sensitivity, exposure, reach, unused share, context, history. The same facts always give the same score.</p>
<p><strong>Proof.</strong> <em>No new access</em> is decided for all requests, not for a sample. <em>Use preserved</em> replays every recorded call. A blind spot is something that the log could not show, and is always named. Service-linked, single-sign-on, break-glass and disaster-recovery identities are left alone.</p>
${notes.length > 0 && html`<h3>About the input</h3>${list(notes)}`}${faults.length > 0 && faultsTable(faults)}</div></section>`;
}

const FAULTS_SHOWN = 200;

function faultsTable(faults: readonly InputFault[]): SafeHtml {
  const rows = faults
    .slice(0, FAULTS_SHOWN)
    .map(
      ({ file, place, reason }) =>
        html`<tr><td class="wrap" data-label="File">${file}</td><td class="wrap" data-label="Place">${place ?? ''}</td><td class="wrap" data-label="Why">${reason}</td></tr>`,
    );
  return html`<h3>Could not be read</h3><div class="scroll"><table class="stack"><thead><tr><th>File</th><th>Place</th><th>Why</th></tr></thead><tbody>${rows}</tbody></table></div>${faults.length > FAULTS_SHOWN && html`<p class="small soft">and ${faults.length - FAULTS_SHOWN} more in report.json.</p>`}`;
}
