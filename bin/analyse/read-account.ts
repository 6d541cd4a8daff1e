import { relative } from 'node:path';
import type { AccountInput } from '../../domain/graph/account.js';
import { isRecord } from '../../domain/json.js';
import type { InputFault } from '../../domain/report/model.js';
import { nameOfItem, readableAccount } from '../../domain/report/readable.js';
import type { LoggingScope } from '../../domain/usage/logging.js';
import { filesBelow, parseJson, readText } from './json-files.js';
import { LISTS, mergePages, type Page, pageOf } from './pages.js';
import { organisationPolicies } from './read-scps.js';

/** One account as its files say. */
export interface ReadAccount {
  id: string;
  input: AccountInput;
  /** What the log records, when a file says so. */
  logging?: LoggingScope;
}

/** Everything that was found, and what is wrong with it. */
export interface ReadAccounts {
  accounts: readonly ReadAccount[];
  /** Each a sentence. */
  notes: readonly string[];
  faults: readonly InputFault[];
  /** Whether the folder has a trail in it. */
  trail: boolean;
}

/** What stands in files of one kind or another, before it is put together by account. */
interface Found {
  pages: Page[];
  reports: Map<string, string>;
  logging: Map<string, LoggingScope>;
}

/** Accounts that have nothing in them that could be read are told apart from a wrong path by their faults. */
export class NoAccount extends Error {
  readonly faults: readonly InputFault[];
  constructor(message: string, faults: readonly InputFault[]) {
    super(message);
    this.faults = faults;
  }
}

/**
 * Reads accounts from a file or from everything below a folder: authorization details, whole, in pages, or in
 * `{"accounts": […]}`; credential reports, as CSV or as the API answers; `logging.json`. Pages are put together by
 * account, whatever their files are called. What cannot be read is left out and named.
 * @throws NoAccount when nothing in it is an account.
 */
export async function readAccounts(path: string): Promise<ReadAccounts> {
  const found: Found = { pages: [], reports: new Map(), logging: new Map() };
  const faults: InputFault[] = [];
  let trail = false;
  for (const file of await filesBelow(path)) {
    const name = relative(path, file) || file;
    if (/(^|\/)AWSLogs\//.test(name)) {
      trail = true;
      continue;
    }
    if (file !== path && !/\.(json|csv)(\.gz)?$/.test(file)) continue;
    faults.push(...(await takeFile(found, file, name)));
  }
  const notes: string[] = [];
  const accounts = mergePages(found.pages, notes).map(({ id, input, origin }): ReadAccount => {
    const report = found.reports.get(id);
    const logging = found.logging.get(id);
    const read = readableAccount(report === undefined ? input : { ...input, credentialReport: report });
    for (const { item, pointer, reason } of read.faults) {
      const from = origin(item);
      const what = nameOfItem(item);
      faults.push({
        file: from?.file ?? path,
        place: `${from?.pointer ?? ''}${pointer}`,
        reason: `${reason}. ${what === undefined ? 'It' : what} is left out`,
      });
    }
    return { id, input: read.input, ...(logging === undefined ? {} : { logging }) };
  });
  const empty = accounts.filter(({ input }) => LISTS.every((list) => (input[list] ?? []).length === 0));
  if (accounts.length === empty.length) throw new NoAccount(noAccountIn(path), faults);
  return { accounts: accounts.filter((each) => !empty.includes(each)), notes, faults, trail };
}

function noAccountIn(path: string): string {
  return `reading ${path}: no account in it; pass the output of "aws iam get-account-authorization-details", or a folder of such files`;
}

async function takeFile(found: Found, file: string, name: string): Promise<InputFault[]> {
  const text = await readText(file);
  if (!text.ok) return [faultOf(name, text)];
  if (text.value.startsWith('user,arn,')) return faultsOf(name, takeReport(found, text.value));
  if (/\.csv(\.gz)?$/.test(file)) return faultsOf(name, 'it is not a credential report');
  const json = parseJson(text.value);
  return json.ok ? faultsOf(name, takeValue(found, json.value, name, '')) : [faultOf(name, json)];
}

function faultOf(file: string, { place, reason }: { place?: string; reason: string }): InputFault {
  return { file, ...(place === undefined ? {} : { place }), reason: `${reason}; it is left out` };
}

function faultsOf(file: string, reason: string | undefined): InputFault[] {
  return reason === undefined ? [] : [faultOf(file, { reason })];
}

/** What is wrong with the value; undefined when it was understood. */
function takeValue(found: Found, value: unknown, name: string, pointer: string): string | undefined {
  if (Array.isArray(value)) return takeAll(found, value, name, pointer);
  if (!isRecord(value)) return 'it is not an account';
  if (Array.isArray(value['accounts'])) return takeAll(found, value['accounts'], name, `${pointer}/accounts`);
  if (typeof value['Content'] === 'string') return takeReport(found, reportText(value['Content']));
  const folder = /(?:^|\/)(\d{12})\//.exec(`/${name}`)?.[1];
  if (typeof value['management'] === 'boolean') return takeLogging(found, value, folder);
  const page = pageOf(value, { file: name, pointer }, folder);
  if (page === undefined) return 'it is not an account';
  if (page.id === undefined && !holdsPoliciesOnly(value))
    return 'no ARN in it says which account it is, nor does its folder';
  found.pages.push({ ...page, levels: organisationPolicies(value) });
  return undefined;
}

/** AWS's own policies name no account; a page of them belongs to all. */
function holdsPoliciesOnly(value: Record<string, unknown>): boolean {
  return LISTS.every((list) => {
    const items = value[list];
    return list === 'Policies' || !Array.isArray(items) || items.length === 0;
  });
}

function takeAll(found: Found, items: readonly unknown[], name: string, pointer: string): string | undefined {
  const faults = items.map((each, i) => takeValue(found, each, name, `${pointer}/${i}`));
  return faults.find((fault) => fault !== undefined);
}

function takeLogging(
  found: Found,
  value: Record<string, unknown>,
  folder: string | undefined,
): string | undefined {
  const { data } = value;
  if (folder === undefined)
    return 'it lies in no folder named by an account id, so nobody knows whose logging it is';
  found.logging.set(folder, {
    management: value['management'] === true,
    data: data === 'all' ? 'all' : Array.isArray(data) ? data.filter((each) => typeof each === 'string') : [],
  });
  return undefined;
}

function reportText(content: string): string {
  return content.startsWith('user,') ? content : Buffer.from(content, 'base64').toString('utf8');
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html */
function takeReport(found: Found, text: string): string | undefined {
  if (!text.startsWith('user,arn,')) return 'it is not a credential report';
  const id = /,arn:[^:,]+:iam::(\d{12}):/.exec(text)?.[1];
  if (id === undefined) return 'no ARN in it says which account it is of';
  found.reports.set(id, text);
  return undefined;
}
