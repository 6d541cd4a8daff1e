import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ledger } from '../../activities/ledger/port.js';
import type { MadeRole } from '../../bench/lifecycle/world.js';

/** Where the doubles of an organisation keep what was done to them. */
export interface Doubles {
  /** Folder of the organisation; the account's journal and the desk's lie in it. */
  folder: string;
  roles: readonly MadeRole[];
}

/** Names of the roles that may still do everything, read from the account itself. */
export async function wideRoles({ folder, roles }: Doubles): Promise<ReadonlySet<string>> {
  const accounts = [...new Set(roles.map(({ account }) => account))];
  const wide = new Set<string>();
  for (const account of accounts) {
    const { RoleDetailList } = JSON.parse(
      await readFile(join(folder, 'account', account, 'account.json'), 'utf8'),
    ) as { RoleDetailList: { RoleName: string; RolePolicyList: unknown }[] };
    for (const { RoleName, RolePolicyList } of RoleDetailList)
      if (JSON.stringify(RolePolicyList).includes('"s3:*"')) wide.add(RoleName);
  }
  return wide;
}

/**
 * What happened more or less than once, by the journals of account and desk, which none of our processes can rewrite;
 * and where the ledger says otherwise.
 */
export async function faultsOf(doubles: Doubles, ledger: Ledger): Promise<readonly string[]> {
  const faults: string[] = [];
  const wide = await wideRoles(doubles);
  const [effects, tickets] = [await accountEffects(doubles), await ticketsOf(doubles)];
  const rows = await ledger.findings({ limit: 10_000 });
  for (const { arn, name } of doubles.roles) {
    const row = rows.find(({ finding }) => finding.subject.id === arn);
    if (row === undefined) {
      faults.push(`${name}: lost at intake`);
      continue;
    }
    if (row.outcome !== 'verified')
      faults.push(`${name}: ${row.stage} ${row.outcome ?? ''} ${row.note ?? ''}`);
    if (wide.has(name)) faults.push(`${name}: the account was never changed`);
    const done = effects.filter(({ event, key }) => event === 'done' && key.includes(row.key));
    if (done.length !== 1) faults.push(`${name}: changed ${done.length} times`);
    const own = tickets.filter(({ key }) => key.includes(row.key));
    const opened = own.filter(({ effect }) => effect === 'opened');
    if (opened.length !== 1) faults.push(`${name}: ${opened.length} tickets were opened`);
    const repeated = own.filter(({ key }, index) => own.findIndex((other) => other.key === key) !== index);
    if (repeated.length > 0)
      faults.push(`${name}: the desk heard twice ${repeated.map(({ key }) => key).join()}`);
    const approved = (await ledger.requests({ findingKey: row.key })).filter(
      ({ status }) => status === 'approved',
    );
    if (approved.length !== 1) faults.push(`${name}: ${approved.length} approved requests`);
  }
  const audit = await ledger.verifyAudit();
  if (!audit.ok) faults.push(`the audit chain: ${JSON.stringify(audit.faults.slice(0, 3))}`);
  return faults;
}

async function accountEffects({
  folder,
  roles,
}: Doubles): Promise<readonly { event: string; key: string }[]> {
  const accounts = [...new Set(roles.map(({ account }) => account))];
  const journals = accounts.map((account) =>
    lines<{ event: string; key: string }>(join(folder, 'account', account, 'journal.jsonl')),
  );
  return (await Promise.all(journals)).flat();
}

function ticketsOf({ folder }: Doubles): Promise<readonly { effect: string; key: string }[]> {
  return lines(join(folder, 'state', 'inbox', 'journal.jsonl'));
}

async function lines<Line>(path: string): Promise<readonly Line[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}
