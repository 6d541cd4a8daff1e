import { parse as parseCsv } from 'csv-parse/sync';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { MAX_OWNER_RULES, type OwnerCondition, type OwnerRule } from '../../domain/ownership/rules.js';

/** Largest text of rules that is read, in UTF-16 code units. */
export const MAX_RULES_TEXT = 200_000;

/** Rules as a text gives them, and what could not be read, with its line or place. */
export interface RulesText {
  rules: readonly OwnerRule[];
  faults: readonly string[];
}

const field = z.string().trim().min(1).max(300);
const ruleShape = z
  .strictObject({
    when: z
      .strictObject({
        account: field,
        environment: field,
        source: field,
        kind: field,
        subject: field,
        tags: z.record(z.string().min(1).max(128), z.string().max(256)),
      })
      .partial(),
    person: field.optional(),
    team: field.optional(),
    note: z.string().trim().max(300).optional(),
  })
  .refine(
    (rule) => (rule.person === undefined) !== (rule.team === undefined),
    'name a person or a team, one of them',
  )
  .refine(
    (rule) => Object.keys(rule.when).length > 0,
    'say when the rule holds: it would hold for everything',
  );
const fileShape = z.strictObject({ rules: z.array(z.unknown()).max(MAX_OWNER_RULES) });

const CSV_FIELDS = ['account', 'environment', 'source', 'kind', 'subject'] as const;
const CSV_COLUMNS = [...CSV_FIELDS, 'tags', 'person', 'team', 'note'];

/**
 * Reads rules from CSV (a header line with `account,environment,source,kind,subject,tags,person,team,note`; `tags` is
 * `name=value`, several with `;`) or from YAML or JSON (`rules: [{when, person | team, note}]`). Every fault is named.
 */
export function readOwnerRules(text: string): RulesText {
  if (text.length > MAX_RULES_TEXT)
    return { rules: [], faults: [`the rules are longer than ${MAX_RULES_TEXT} characters; split them`] };
  const from = /^\s*(?:#.*\n\s*)*(?:rules\s*:|\{|\[)/.test(text) ? fromYaml(text) : fromCsv(text);
  if ('fault' in from) return { rules: [], faults: [from.fault] };
  const rules: OwnerRule[] = [];
  const faults: string[] = [];
  for (const { place, value } of from.candidates) {
    const read = ruleShape.safeParse(value);
    if (read.success) rules.push(read.data as OwnerRule);
    else
      faults.push(
        ...read.error.issues.map(
          (issue) => `${place}${issue.path.length > 0 ? `, ${issue.path.join('.')}` : ''}: ${issue.message}`,
        ),
      );
  }
  if (rules.length > MAX_OWNER_RULES)
    faults.push(`at most ${MAX_OWNER_RULES} rules; there are ${rules.length}`);
  return { rules, faults };
}

/** Rules as CSV, as `readOwnerRules` takes it. A cell that a spreadsheet would take for a formula is quoted as text. */
export function ownerRulesCsv(rules: readonly OwnerRule[]): string {
  const lines = rules.map(({ when, person, team, note }) =>
    [
      ...CSV_FIELDS.map((name) => when[name]),
      Object.entries(when.tags ?? {})
        .map(([name, value]) => `${name}=${value}`)
        .join(';'),
      person,
      team,
      note,
    ]
      .map(cell)
      .join(','),
  );
  return `${[CSV_COLUMNS.join(','), ...lines].join('\n')}\n`;
}

interface Candidate {
  place: string;
  value: unknown;
}

function fromYaml(text: string): { candidates: readonly Candidate[] } | { fault: string } {
  try {
    const read = fileShape.safeParse(parseYaml(text, { maxAliasCount: 20 }));
    if (!read.success) return { fault: `the rules: ${read.error.issues[0]?.message ?? 'not understood'}` };
    return { candidates: read.data.rules.map((value, index) => ({ place: `rule ${index + 1}`, value })) };
  } catch (error) {
    return {
      fault: `the rules are not YAML: ${error instanceof Error ? error.message.split('\n')[0] : error}`,
    };
  }
}

function fromCsv(text: string): { candidates: readonly Candidate[] } | { fault: string } {
  try {
    const rows = parseCsv(text, {
      columns: (header: string[]) => header.map((name) => name.trim().toLowerCase()),
      bom: true,
      comment: '#',
      comment_no_infix: true,
      skip_empty_lines: true,
      trim: true,
      info: true,
    }) as unknown as readonly { record: Record<string, string>; info: { lines: number } }[];
    const unknown = Object.keys(rows[0]?.record ?? {}).filter((name) => !CSV_COLUMNS.includes(name));
    if (unknown.length > 0)
      return { fault: `there is no column ${unknown.join(', ')}; columns are ${CSV_COLUMNS.join(', ')}` };
    return {
      candidates: rows.map(({ record, info }) => ({ place: `line ${info.lines}`, value: fromRow(record) })),
    };
  } catch (error) {
    return { fault: `the rules are not CSV: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function fromRow(row: Record<string, string>): unknown {
  const filled = (name: string): Record<string, string> => {
    const value = Object.hasOwn(row, name) ? unquoted(row[name] ?? '') : '';
    return value === '' ? {} : { [name]: value };
  };
  const when: OwnerCondition = Object.assign({}, ...CSV_FIELDS.map(filled));
  const tags = tagsOf(filled('tags')['tags'] ?? '');
  return {
    when: { ...when, ...(tags.length > 0 && { tags: Object.fromEntries(tags) }) },
    ...filled('person'),
    ...filled('team'),
    ...filled('note'),
  };
}

function tagsOf(text: string): [string, string][] {
  return text
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=');
      return at < 0 ? [part, '*'] : [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    });
}

function cell(value: string | undefined): string {
  const text = value ?? '';
  const inert = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}

function unquoted(text: string): string {
  return /^'[=+\-@]/.test(text) ? text.slice(1) : text;
}
