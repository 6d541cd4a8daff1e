import { z } from 'zod';
import type { Person } from '../../domain/approval/request.js';
import type { WorkingHours } from '../../domain/approval/working-hours.js';
import { readYaml, type YamlText } from '../../runtime/config/document.js';
import { ConfigError, type ConfigFault, faultsOf } from '../../runtime/config/faults.js';

const Id = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\s#]+$/, 'an id has no spaces');
const Text = z.string().min(1).max(300);
const Moment = z.union([z.iso.datetime({ offset: true }), z.iso.date()], {
  error: 'write a date (2026-12-24) or a moment with its offset (2026-12-24T12:00:00Z)',
});
const Absence = z.strictObject({ from: Moment, to: Moment, delegate: Id.optional() });

const PersonEntry = z.strictObject({
  id: Id,
  name: Text,
  email: z.email().max(300),
  roles: z.array(z.string().regex(/^[a-z][a-z-]{0,49}$/, 'a role is a lower-case word')).default([]),
  title: Text.optional(),
  department: Text.optional(),
  manager: Id.optional(),
  team: Text.optional(),
  teams: z.array(Text).optional(),
  timezone: z.string().refine(isTimeZone, 'write a time zone such as Europe/Berlin').optional(),
  /** Whom to ask while this person is away, unless the absence says otherwise. */
  delegate: Id.optional(),
  outOfOffice: z.union([Absence, z.array(Absence)]).optional(),
  /** Names of this person in other products: `{slack: U024BE7LH, servicenow: jdoe}`. */
  accounts: z.record(z.string().min(1).max(50), Text).optional(),
});

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const ClockTime = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'write a time such as 09:00, in quotes');
/** When a team works: reminders and escalations wait for it, and no request ends outside of it. */
const Hours = z
  .strictObject({
    timezone: z.string().refine(isTimeZone, 'write a time zone such as Europe/Berlin'),
    days: z.array(z.enum(DAYS)).min(1).default(['mon', 'tue', 'wed', 'thu', 'fri']),
    from: ClockTime.default('09:00'),
    to: ClockTime.default('17:00'),
    holidays: z.array(z.iso.date()).max(1_000).default([]),
  })
  .refine(({ from, to }) => from < to, 'work ends after it begins, on the same day');

const TeamEntry = z.strictObject({
  name: Text,
  lead: Id.optional(),
  description: Text.optional(),
  email: z.email().optional(),
  channel: Text.optional(),
  hours: Hours.optional(),
});

const DirectoryFile = z.strictObject({
  people: z.array(PersonEntry).min(1).max(100_000),
  teams: z.array(TeamEntry).max(10_000).default([]),
});
type PersonEntry = z.output<typeof PersonEntry>;

/** A time in which a person is not there. */
export interface AbsenceSpan {
  fromMs: number;
  toMs: number;
  delegateId?: string;
}

/** A person with what the directory knows beside the decision's view. */
export interface DirectoryEntry {
  person: Person;
  teams: readonly string[];
  absences: readonly AbsenceSpan[];
  delegateId?: string;
  /** Product to account name. */
  accounts: ReadonlyMap<string, string>;
}

/** Everybody, in the file's order. */
export interface DirectoryText {
  entries: ReadonlyMap<string, DirectoryEntry>;
  /** Team to the id of its lead, where the file names one. */
  leads: ReadonlyMap<string, string>;
  /** Team to its working hours, where the file names them. */
  hours: ReadonlyMap<string, WorkingHours>;
}

/**
 * Reads a directory: people, teams, who reports to whom, who is away.
 * @throws ConfigError with every fault, its line and column: wrong shapes, an id or address twice, a manager, delegate or
 * lead who is not in the file, people who report to each other in a circle.
 */
export function parseDirectory(text: string, file: string): DirectoryText {
  const yaml = readYaml(text, file);
  const parsed = DirectoryFile.safeParse(yaml.value);
  if (!parsed.success) {
    const schema = z.toJSONSchema(DirectoryFile, { io: 'input', unrepresentable: 'any' });
    throw new ConfigError(faultsOf(parsed.error, yaml, [], schema));
  }
  const { people, teams } = parsed.data;
  const faults = [...duplicates(people, yaml), ...strangers(people, teams, yaml), ...circles(people, yaml)];
  if (faults.length > 0) throw new ConfigError(faults.sort((a, b) => a.line - b.line));
  const leads = teams.flatMap(({ name, lead }) => (lead === undefined ? [] : [[name, lead] as const]));
  const hours = teams.flatMap((team) =>
    team.hours === undefined ? [] : [[team.name, toHours(team.hours)] as const],
  );
  return {
    entries: new Map(people.map((entry) => [entry.id, toEntry(entry)])),
    leads: new Map(leads),
    hours: new Map(hours),
  };
}

function toEntry(entry: PersonEntry): DirectoryEntry {
  const teams = [...new Set([...(entry.team === undefined ? [] : [entry.team]), ...(entry.teams ?? [])])];
  const absences = entry.outOfOffice === undefined ? [] : [entry.outOfOffice].flat();
  const [team] = teams;
  return {
    person: {
      id: entry.id,
      name: entry.name,
      email: entry.email,
      roles: entry.roles,
      ...(entry.department !== undefined && { department: entry.department }),
      ...(team !== undefined && { team }),
      ...(entry.manager !== undefined && { managerId: entry.manager }),
      ...(entry.timezone !== undefined && { timeZone: entry.timezone }),
    },
    teams,
    absences: absences.map(({ from, to, delegate }) => ({
      fromMs: startOf(from),
      toMs: endOf(to),
      ...(delegate !== undefined && { delegateId: delegate }),
    })),
    ...(entry.delegate !== undefined && { delegateId: entry.delegate }),
    accounts: new Map(Object.entries(entry.accounts ?? {})),
  };
}

function toHours({ timezone, days, from, to, holidays }: z.output<typeof Hours>): WorkingHours {
  return {
    timeZone: timezone,
    days: days.map((day) => DAYS.indexOf(day) + 1),
    fromMinute: minuteOf(from),
    toMinute: minuteOf(to),
    holidays,
  };
}

function minuteOf(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return hour * 60 + minute;
}

const DAY_MS = 86_400_000;

function startOf(moment: string): number {
  return Date.parse(moment);
}

/** A date without a time lasts until its end, in UTC. */
function endOf(moment: string): number {
  return Date.parse(moment) + (moment.length === 10 ? DAY_MS : 0);
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function faultAt(yaml: YamlText, path: (string | number)[], message: string, mend: string): ConfigFault {
  return { file: yaml.file, ...yaml.locate(path), path: path.join('.'), message, mend };
}

function duplicates(people: readonly PersonEntry[], yaml: YamlText): ConfigFault[] {
  const seen = new Map<string, number>();
  return people.flatMap((person, index) =>
    (['id', 'email'] as const).flatMap((member) => {
      const value = `${member} ${person[member].toLowerCase()}`;
      const first = seen.get(value);
      if (first === undefined) {
        seen.set(value, index);
        return [];
      }
      const mend = `people.${first} has it already; one person, one ${member}`;
      return [faultAt(yaml, ['people', index, member], `the same ${member} twice`, mend)];
    }),
  );
}

function strangers(
  people: readonly PersonEntry[],
  teams: readonly z.output<typeof TeamEntry>[],
  yaml: YamlText,
): ConfigFault[] {
  const known = new Set(people.map(({ id }) => id));
  const named = people.flatMap((person, index): [(string | number)[], string | undefined][] => [
    [['people', index, 'manager'], person.manager],
    [['people', index, 'delegate'], person.delegate],
    ...[person.outOfOffice ?? []]
      .flat()
      .map((absence): [(string | number)[], string | undefined] => [
        ['people', index, 'outOfOffice'],
        absence.delegate,
      ]),
  ]);
  for (const [index, team] of teams.entries()) named.push([['teams', index, 'lead'], team.lead]);
  return named.flatMap(([path, id]) =>
    id === undefined || known.has(id)
      ? []
      : [faultAt(yaml, path, `nobody has the id ${id}`, 'name a person of this file')],
  );
}

function circles(people: readonly PersonEntry[], yaml: YamlText): ConfigFault[] {
  const managers = new Map(people.map(({ id, manager }) => [id, manager]));
  return people.flatMap(({ id }, index) => {
    const seen = new Set<string>();
    let at = managers.get(id);
    while (at !== undefined && !seen.has(at)) {
      if (at === id)
        return [
          faultAt(
            yaml,
            ['people', index, 'manager'],
            `${id} reports to themselves in the end`,
            'break the circle',
          ),
        ];
      seen.add(at);
      at = managers.get(at);
    }
    return [];
  });
}
