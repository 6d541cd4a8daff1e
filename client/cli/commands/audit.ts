import { readFile } from 'node:fs/promises';
import type { OperationOptions } from '../operations.js';
import { printJson } from '../print.js';
import { api } from './findings.js';

type Options = OperationOptions & Record<string, unknown>;
interface Verified {
  ok: boolean;
  rows: number;
  faults: readonly { stream: string; position: number; fault: string }[];
}

/** `curtail audit verify`: exit 1 when a chain does not hold. */
export async function verify(options: Options): Promise<0 | 1> {
  const path = options['heads'];
  const heads: unknown = typeof path === 'string' ? JSON.parse(await readFile(path, 'utf8')) : [];
  const verified = await api(options).post<Verified>('/audit/verify', { heads });
  if (options.json === true) printJson(verified);
  else {
    console.log(
      `${verified.rows} rows, ${verified.ok ? 'every chain holds' : `${verified.faults.length} faults`}`,
    );
    for (const fault of verified.faults) console.log(`  ${fault.stream} #${fault.position}: ${fault.fault}`);
  }
  return verified.ok ? 0 : 1;
}

/** `curtail audit heads` */
export async function heads(options: Options): Promise<0> {
  const answer = await api(options).get<{ heads: unknown }>('/audit/heads');
  printJson(answer.heads);
  return 0;
}

/** `curtail audit export`: JSON Lines on standard output. */
export async function exportRows(options: Options): Promise<0> {
  process.stdout.write(await api(options).text('/audit/export'));
  return 0;
}
