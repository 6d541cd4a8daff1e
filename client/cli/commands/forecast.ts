import type { SourceForecast } from '../../../activities/lifecycle/forecast.js';
import type { OperationOptions } from '../operations.js';
import { printJson, printTable, safe } from '../print.js';
import { api } from './findings.js';

type Options = OperationOptions & Record<string, unknown>;

/** `curtail forecast`: what sources would send, and with --confirm who let one begin. Exit 2 without a name to confirm as. */
export async function forecast(source: string | undefined, options: Options): Promise<0 | 2> {
  const confirm = options['confirm'];
  if (typeof confirm === 'string') return confirmSource(confirm, options);
  const query = source === undefined ? '' : `?${new URLSearchParams({ source })}`;
  const { sources } = await api(options).get<{ sources: readonly SourceForecast[] }>(`/forecast${query}`);
  if (options.json === true) printJson(sources);
  else if (sources.length === 0)
    console.log('no source is configured and nothing was handed in; see "curtail sources"');
  else for (const each of sources) print(each);
  return 0;
}

async function confirmSource(source: string, options: Options): Promise<0 | 2> {
  const person = options['as'];
  if (typeof person !== 'string') {
    console.error('say who you are: --as <your id or e-mail address>; it is written into the audit chain');
    return 2;
  }
  const confirmed = await api(options).post<SourceForecast>('/forecast/confirm', { source, person });
  if (options.json === true) printJson(confirmed);
  else
    console.log(
      safe(
        `${source} is confirmed by ${confirmed.confirmed?.by ?? person}; its findings begin their lives now`,
      ),
    );
  return 0;
}

function print(of: SourceForecast): void {
  const state = of.confirmed === null ? 'not confirmed: nothing is sent' : `confirmed by ${of.confirmed.by}`;
  console.log(safe(`${of.name} (${of.platform}): ${number(of.open)} findings; ${state}`));
  for (const line of forecastWords(of)) console.log(safe(`  ${line}`));
  if (of.groups.length > 0) {
    console.log('');
    printTable(
      ['PHASE', 'ACCOUNT', 'TEAM', 'FINDINGS', 'TICKETS', 'PEOPLE', 'NO OWNER', 'CHANGES'],
      of.groups.map((group) => [
        group.phase,
        group.account,
        group.team,
        ...[group.findings, group.tickets, group.people, group.withoutOwner, group.changes].map(number),
      ]),
    );
  }
  if (of.confirmed === null) {
    console.log('');
    console.log(safe(`  begin with: curtail forecast --confirm ${of.name} --as <your id>`));
  }
  console.log('');
}

/** A forecast in sentences. Tickets and changes are upper bounds: what cannot be proved asks nobody. */
export function forecastWords(of: SourceForecast): readonly string[] {
  const lines = of.phases.map(
    ({ phase, tickets, people, withoutOwner, changes }) =>
      `in ${phase} today: at most ${count(tickets, 'ticket')} to ${count(people, 'person', 'people')}, ${number(withoutOwner)} without an owner, ${count(changes, 'change')} without a decision`,
  );
  const rest = [
    [of.belowFloor, 'kept below the floor'],
    [of.neverTouch, 'never touched'],
    [of.notConfigured, 'explained only, since their account is not configured'],
    [of.begun, 'begun already'],
  ] as const;
  const others = rest.filter(([n]) => n > 0).map(([n, words]) => `${number(n)} ${words}`);
  if (lines.length === 0) lines.push('nothing would be sent');
  if (others.length > 0) lines.push(others.join('; '));
  if (of.cut) lines.push('more findings are open: only the riskiest were looked at');
  return lines;
}

function count(n: number, one: string, many = `${one}s`): string {
  return `${number(n)} ${n === 1 ? one : many}`;
}

function number(n: number): string {
  return n.toLocaleString('en');
}
