import { readFile } from 'node:fs/promises';
import { type OwnerRuleSet, ownerRuleText } from '../../../domain/ownership/rules.js';
import type { UnownedLine } from '../../gateway/api/owners.js';
import type { RulesPreview } from '../../owner-rules/book.js';
import { ownerRulesCsv } from '../../owner-rules/read.js';
import type { OperationOptions } from '../operations.js';
import { printJson, printTable, safe } from '../print.js';
import { askCode } from './decide.js';
import { api } from './findings.js';

type Options = OperationOptions & Record<string, unknown>;

interface OwnersAnswer {
  set: OwnerRuleSet;
  unowned: readonly UnownedLine[];
}

/** `curtail owners list`: the rules in force, and the findings that nobody owns. */
export async function list(options: Options): Promise<0> {
  const answer = await api(options).get<OwnersAnswer>('/owners');
  if (options.json === true) {
    printJson(answer);
    return 0;
  }
  const { set, unowned } = answer;
  console.log(
    set.version === 0
      ? 'no owner rules yet'
      : safe(`rules of version ${set.version}, saved by ${set.savedBy}`),
  );
  for (const [index, rule] of set.rules.entries())
    console.log(safe(`  ${index + 1}. ${ownerRuleText(rule)}`));
  if (unowned.length === 0) console.log('every finding that was taken up has an owner');
  else
    printTable(
      ['FINDINGS', 'ACCOUNT', 'TAG', 'FOR EXAMPLE'],
      unowned.map((line) => [
        String(line.findings),
        line.account ?? '',
        line.tag ?? '',
        line.examples[0] ?? '',
      ]),
    );
  return 0;
}

/** `curtail owners export`: the rules in force as CSV, to be edited and tried. */
export async function exportRules(options: Options): Promise<0> {
  const { set } = await api(options).get<OwnersAnswer>('/owners');
  if (options.json === true) printJson(set.rules);
  else process.stdout.write(ownerRulesCsv(set.rules));
  return 0;
}

/** `curtail owners preview`: what a rule file would route; nothing is saved. Exit 1 when a rule asks nobody. */
export async function preview(file: string, options: Options): Promise<0 | 1> {
  const tried = await api(options).post<RulesPreview>('/owners/preview', {
    text: await readFile(file, 'utf8'),
  });
  if (options.json === true) printJson(tried);
  else {
    printTable(
      ['WITHOUT OWNER', 'OWNED ALREADY', 'RULE', ''],
      tried.rules.map((line) => [
        String(line.unowned),
        String(line.owned),
        ownerRuleText(line.rule),
        line.fault ?? '',
      ]),
    );
    console.log(`tried on ${tried.looked} live findings; ${tried.left} would still have no owner`);
  }
  return tried.rules.some(({ fault }) => fault !== undefined) ? 1 : 0;
}

/** `curtail owners save`: saves a rule file as the next version, in the name of a person who signs in with a code. */
export async function save(file: string, options: Options): Promise<0 | 2> {
  const person = options['as'];
  if (typeof person !== 'string') {
    console.error('say who you are: --as <person>');
    return 2;
  }
  const text = await readFile(file, 'utf8');
  const client = api(options);
  const { set } = await client.get<OwnersAnswer>('/owners');
  const { challenge } = await client.post<{ challenge: string }>('/sign-in', { person });
  const code = typeof options['code'] === 'string' ? options['code'] : await askCode();
  const { session } = await client.post<{ session: string }>('/sign-in/code', { challenge, code });
  const saved = await client.post<{ version: number; rules: number }>('/owners/save', {
    session,
    text,
    baseVersion: set.version,
    ...(typeof options['because'] === 'string' && { note: options['because'] }),
  });
  if (options.json === true) printJson(saved);
  else console.log(`saved as version ${saved.version}: ${saved.rules} rules`);
  return 0;
}
