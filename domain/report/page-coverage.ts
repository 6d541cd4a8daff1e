import type { Coverage } from '../coverage/coverage.js';
import { html, type SafeHtml } from '../text/html.js';
import type { ReportAccount } from './model.js';
import { chip, count, meter, number, percent, type Tone } from './page-kit.js';

/** What the evidence carries, account by account. */
export function coverageSection(accounts: readonly ReportAccount[]): SafeHtml {
  return html`<section id="evidence"><h2>Evidence</h2><p class="soft">Before anything is proposed: how far the log carries. An identity is <em>provable</em> when a smaller policy for it could be proved today without a blind spot.</p>${accounts.map(accountCard)}</section>`;
}

function accountCard({ id, coverage, days }: ReportAccount): SafeHtml {
  const { share, provable, editable, settings, window, events } = coverage;
  const [best] = settings;
  const tone: Tone = share >= 0.8 ? 'good' : share >= 0.4 ? 'warn' : 'bad';
  return html`<div class="card"><h3>Account ${id}</h3>
<div class="columns"><div><span class="figure">${percent(share)} <small>provable today</small></span>${meter(share, tone)}<p class="small soft" style="margin-top:.5rem">${provable} of ${count(editable, 'identity', 'identities')}. ${number(events)} records in ${count(window.days, 'day')}.</p></div>
<div>${strip(days, coverage)}</div></div>
${
  best !== undefined &&
  html`<div class="callout tone-accent"><p><strong>What would raise it most.</strong> ${best.what} ${best.unlocks > 0 ? `${count(best.unlocks, 'more identity', 'more identities')} would be provable: ${percent(best.shareAfter)}.` : `Alone it makes none provable yet; it stands in the way of ${count(best.concerns, 'identity', 'identities')}.`}</p></div>`
}
<ul class="plain">${facts(coverage).map(([word, toneOf, text]) => html`<li>${chip(word, toneOf)} ${text}</li>`)}</ul>
${
  settings.length > 1 &&
  html`<details><summary class="small">All ${settings.length} settings, best first</summary><div class="scroll"><table class="stack"><thead><tr><th>Setting</th><th class="number">Unlocks</th><th class="number">In the way of</th><th class="number">Provable then</th></tr></thead><tbody>${settings.slice(0, 40).map((each) => html`<tr><td data-label="Setting">${each.what}</td><td class="number" data-label="Unlocks">${each.unlocks}</td><td class="number" data-label="In the way of">${each.concerns}</td><td class="number" data-label="Provable then">${percent(each.shareAfter)}</td></tr>`)}</tbody></table></div></details>`
}</div>`;
}

type Fact = readonly [word: string, tone: Tone, text: string];

function facts({
  gaps,
  regions,
  dataEvents,
  unmapped,
  malformed,
  managementEvents,
  window,
}: Coverage): Fact[] {
  const missing = dataEvents.missing;
  return [
    managementEvents
      ? ['recorded', 'good', 'Management events.']
      : ['missing', 'bad', 'Management events are not declared as recorded.'],
    window.days >= 90
      ? ['long enough', 'good', `The window of ${window.days} days has seen what runs once a quarter.`]
      : ['short', 'warn', `${count(window.days, 'day')}: what runs once a quarter may not be in it.`],
    gaps.length === 0
      ? ['no gaps', 'good', 'Records on every day that should have them.']
      : [
          'gaps',
          'bad',
          gaps
            .slice(0, 5)
            .map(({ fromDay, toDay, days }) => (days === 1 ? fromDay : `${fromDay} to ${toDay}`))
            .join(', ') + (gaps.length > 5 ? ` and ${gaps.length - 5} more.` : '.'),
        ],
    regions.unread.length === 0
      ? [
          'regions',
          'good',
          regions.read.length === 0 ? 'No trail was read.' : `Read: ${regions.read.join(', ')}.`,
        ]
      : ['unread', 'bad', `Resources in ${regions.unread.join(', ')}, but no record from there.`],
    missing.length === 0
      ? ['data events', 'good', 'Recorded for every service whose data these identities may touch.']
      : [
          'data events',
          'warn',
          `Not declared as recorded for ${missing.slice(0, 8).join(', ')}${missing.length > 8 ? ` and ${missing.length - 8} more services` : ''}; their unused permissions are kept.${seenButUndeclared(dataEvents)}`,
        ],
    ...(unmapped.count > 0
      ? [
          [
            'unmapped',
            'quiet',
            `${count(unmapped.count, 'record')} without a known IAM action (${unmapped.names.slice(0, 4).join(', ')}).`,
          ] as const,
        ]
      : []),
    ...(malformed > 0
      ? [['damaged', 'warn', `${count(malformed, 'record')} could not be read.`] as const]
      : []),
  ];
}

function seenButUndeclared({ seen, missing }: Coverage['dataEvents']): string {
  const both = seen.filter((service) => missing.includes(service));
  return both.length === 0
    ? ''
    : ` Some of ${both.join(', ')} were seen: if all are recorded, say so with --logging.`;
}

/** Records per day as bars; days without any are marked. */
function strip(days: ReportAccount['days'], { window, gaps }: Coverage): SafeHtml | false {
  const from = Math.floor(Date.parse(window.fromIso) / 86_400_000);
  const length = Math.min(400, Math.floor(Date.parse(window.toIso) / 86_400_000) - from + 1);
  if (days.length === 0 || length < 2) return false;
  const most = Math.max(...days.map(({ records }) => records));
  const place = (day: string): number => Math.floor(Date.parse(day) / 86_400_000) - from;
  const bars = days
    .filter(({ day }) => place(day) >= 0 && place(day) < length)
    .map(({ day, records }) => {
      const height = Math.max(2, Math.round((40 * records) / most));
      return html`<rect class="day" x="${place(day) * 10 + 1}" y="${44 - height}" width="8" height="${height}"><title>${`${day}: ${number(records)} records`}</title></rect>`;
    });
  const holes = gaps.map(
    (gap) =>
      html`<rect class="hole" x="${place(gap.fromDay) * 10}" y="0" width="${gap.days * 10}" height="46"/>`,
  );
  return html`<svg class="strip" viewBox="0 0 ${length * 10} 46" preserveAspectRatio="none" role="img" aria-label="Records per day">${holes}${bars}</svg><div class="strip-ends"><span>${window.fromIso.slice(0, 10)}</span><span>records per day</span><span>${window.toIso.slice(0, 10)}</span></div>`;
}
