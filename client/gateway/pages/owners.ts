import type { FastifyInstance } from 'fastify';
import type { Person } from '../../../domain/approval/request.js';
import { type OwnerRuleSet, ownerRuleText } from '../../../domain/ownership/rules.js';
import { type HtmlValue, html, type SafeHtml } from '../../../domain/text/html.js';
import {
  ownerRules,
  ownerRulesHistory,
  previewOwnerRules,
  type RulesPreview,
  saveOwnerRules,
  type UnownedGroup,
  unownedGroups,
} from '../../owner-rules/book.js';
import { MAX_RULES_TEXT, ownerRulesCsv, readOwnerRules } from '../../owner-rules/read.js';
import { mayRule, seesAll } from '../access.js';
import { type Gateway, getPage, goTo, postForm, show, type Visit } from '../kit.js';
import { listOr, section } from '../layout.js';
import { notFound, PageError } from '../page-error.js';
import { count, localTime } from '../words.js';

const GROUPS_SHOWN = 50;
const EXAMPLES = 3;

/** Findings that nobody owns, and the rules that say whom to ask: tried before they are saved, with their history. */
export function registerOwnerPages(app: FastifyInstance, gateway: Gateway): void {
  getPage(app, gateway, '/owners', async (visit) => {
    if (!seesAll(visit.person)) throw notFound('page');
    const { ledger } = gateway;
    const [groups, history] = await Promise.all([
      unownedGroups(ledger),
      ownerRulesHistory(ledger, visit.nowMs),
    ]);
    const set = history[0];
    const text = ownerRulesCsv(set?.rules ?? []);
    const body = html`<div class="page-head"><h1>Owners</h1><p>Findings that nobody owns are asked of the security team. A rule says whom to ask instead.</p></div>
${section('unowned', 'Without an owner', groupTable(groups))}
${section('rules', 'Rules', rulesPart(visit, set, text))}
${section('history', 'History', historyList(history, visit.person))}`;
    return show(visit, { title: 'Owners', section: 'owners', body });
  });

  postForm(app, gateway, '/owners/preview', async (visit, form) => {
    refuseOthers(visit.person);
    const text = (form.get('text') ?? '').slice(0, MAX_RULES_TEXT + 1);
    const { rules, faults } = readOwnerRules(text);
    const base = await ownerRules(gateway.ledger, visit.nowMs);
    const preview = faults.length === 0 ? await previewOwnerRules(gateway, rules) : undefined;
    const body = html`<p class="crumbs"><a href="/owners">Owners</a></p>
<div class="page-head"><h1>What these rules would do</h1><p>Nothing is saved yet.</p></div>
${preview === undefined ? html`<section class="card"><h2>The rules cannot be read</h2>${listOr(faults.slice(0, 50), '')}</section>` : previewPart(preview)}
${section('again', 'The rules', rulesForm(visit, text, preview !== undefined && { baseVersion: base.version }))}`;
    return show(visit, { title: 'Owner rules', section: 'owners', body });
  });

  postForm(app, gateway, '/owners/save', async (visit, form) => {
    refuseOthers(visit.person);
    const { rules, faults } = readOwnerRules(form.get('text') ?? '');
    if (faults.length > 0)
      throw new PageError(400, 'The rules cannot be read', faults.slice(0, 5).join('; '));
    const note = (form.get('note') ?? '').trim().slice(0, 300);
    const done = await saveOwnerRules(gateway.ledger, {
      baseVersion: Number(form.get('base') ?? Number.NaN),
      rules,
      savedBy: visit.person.id,
      nowMs: visit.nowMs,
      ...(note !== '' && { note }),
    });
    if (done.outcome === 'overtaken')
      return goTo(visit, '/owners', {
        tone: 'bad',
        text: `Not saved: ${done.by} saved other rules meanwhile. Look at them, then try yours again.`,
      });
    return goTo(visit, '/owners', {
      tone: 'good',
      text: `Saved as version ${done.set.version}: ${count(rules.length, 'rule')}. Open requests without an owner are asked anew within minutes.`,
    });
  });
}

function refuseOthers(person: Person): void {
  if (mayRule(person)) return;
  throw new PageError(
    403,
    'Not yours to change',
    'Owner rules are written by people with the role security.',
  );
}

function groupTable(groups: readonly UnownedGroup[]): SafeHtml {
  if (groups.length === 0) return html`<p class="none">Every finding that was taken up has an owner.</p>`;
  return html`<div class="scroll"><table class="stack">
<thead><tr><th scope="col">Account</th><th scope="col">Tag</th><th scope="col" class="number">Findings</th><th scope="col">For example</th></tr></thead>
<tbody>${groups.slice(0, GROUPS_SHOWN).map(groupLine)}</tbody></table></div>
${groups.length > GROUPS_SHOWN && html`<p class="soft">and ${groups.length - GROUPS_SHOWN} more groups</p>`}`;
}

function groupLine({ account, tag, rows }: UnownedGroup): HtmlValue {
  return html`<tr><td data-label="Account">${account ?? 'no account'}</td>
<td data-label="Tag">${tag === undefined ? html`<span class="soft">no tag names a team</span>` : html`<code>${tag.name}=${tag.value}</code>`}</td>
<td data-label="Findings" class="number">${rows.length}</td>
<td data-label="For example"><ul class="tight">${rows.slice(0, EXAMPLES).map((row) => html`<li><a href="/findings/${row.key}">${row.finding.title}</a></li>`)}</ul></td></tr>`;
}

function rulesPart(visit: Visit, set: OwnerRuleSet | undefined, text: string): SafeHtml {
  const rules = set?.rules ?? [];
  return html`${rules.length === 0 ? html`<p class="none">There are no rules yet.</p>` : html`<ol>${rules.map((rule) => html`<li>${ownerRuleText(rule)}</li>`)}</ol>`}
${mayRule(visit.person) ? rulesForm(visit, text, false) : html`<p class="soft">People with the role security can change the rules.</p>`}`;
}

function rulesForm(visit: Visit, text: string, saving: { baseVersion: number } | false): SafeHtml {
  return html`<form method="post" action="/owners/preview">
<input type="hidden" name="csrf" value="${visit.session.csrf}">
<label for="text">Rules, one a line; the first that holds counts</label>
<textarea id="text" name="text" class="mono" rows="12" maxlength="${MAX_RULES_TEXT}" spellcheck="false" aria-describedby="rules-hint" required>${text}</textarea>
<p class="hint" id="rules-hint">CSV with the columns account, environment, source, kind, subject, tags, person, team, note; empty cells ask nothing, <code>*</code> stands for any text, tags are <code>name=value</code> with <code>;</code> between them. YAML (<code>rules: […]</code>) is read too.</p>
<button type="submit">See what they would do</button>
${
  saving !== false &&
  html`<label for="note">Why? (kept in the history)</label><input type="text" id="note" name="note" maxlength="300">
<input type="hidden" name="base" value="${saving.baseVersion}">
<button class="primary" type="submit" formaction="/owners/save">Save these rules</button>`
}
</form>`;
}

function previewPart(preview: RulesPreview): SafeHtml {
  return html`<section class="card" aria-labelledby="preview"><h2 id="preview">Tried on ${count(preview.looked, 'live finding')}</h2>
<p>${preview.left === 0 ? 'Every finding would have an owner.' : `${count(preview.left, 'finding')} would still have no owner.`}</p>
<div class="scroll"><table class="stack">
<thead><tr><th scope="col">Rule</th><th scope="col" class="number">Without owner</th><th scope="col" class="number">Owned already</th><th scope="col">For example</th></tr></thead>
<tbody>${preview.rules.map(
    (
      line,
    ) => html`<tr><td>${ownerRuleText(line.rule)}${line.fault !== undefined && html`<br><strong class="tone-bad">${line.fault}</strong>`}</td>
<td data-label="Without owner" class="number">${line.unowned}</td><td data-label="Owned already" class="number">${line.owned}</td>
<td data-label="For example"><ul class="tight">${line.examples.map((each) => html`<li><a href="/findings/${each.key}">${each.title}</a></li>`)}</ul></td></tr>`,
  )}</tbody></table></div>
<p class="hint">Findings that are owned already keep their owner until their next generation.</p></section>`;
}

function historyList(history: readonly OwnerRuleSet[], person: Person): SafeHtml {
  return listOr(
    history.map(
      (set) =>
        html`<details><summary>Version ${set.version}: ${count(set.rules.length, 'rule')}, saved by ${set.savedBy}, ${localTime(set.savedAtMs, person)}${set.note !== undefined && html` – ${set.note}`}</summary><pre>${ownerRulesCsv(set.rules)}</pre></details>`,
    ),
    'Nothing was saved yet.',
  );
}
