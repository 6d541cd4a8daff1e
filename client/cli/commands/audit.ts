import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type HeadsReading, readHeads, type SignedHeads } from '../../../runtime/audit-heads.js';
import { openPublicKeys } from '../../../runtime/grant-keys.js';
import { type Verified, verifyExport } from '../../offline-audit.js';
import { stateOf } from '../api.js';
import type { OperationOptions } from '../operations.js';
import { printJson, safe } from '../print.js';
import { api } from './findings.js';

type Options = OperationOptions & Record<string, unknown>;

/**
 * `curtail audit verify`: exit 1 when a chain does not hold. With `--rows` it needs no running Curtail, only an export;
 * with `--head` it shows what was cut off since those heads were signed.
 */
export async function verify(options: Options): Promise<0 | 1> {
  const head = await signedHeads(options);
  if (head !== undefined && !head.ok) return tell(options, refused(String(options['head']), head.reason));
  const heads = head?.heads ?? [];
  const rows = options['rows'];
  return tell(
    options,
    typeof rows === 'string'
      ? await verifyExport(
          createInterface({ input: createReadStream(rows), crlfDelay: Number.POSITIVE_INFINITY }),
          heads,
        )
      : await api(options).post<Verified>('/audit/verify', { heads }),
  );
}

function refused(file: string, reason: string): Verified {
  return {
    ok: false,
    rows: 0,
    faults: [{ stream: '*', position: 0, fault: `the heads in ${file} do not count: ${reason}` }],
  };
}

function tell(options: Options, verified: Verified): 0 | 1 {
  if (options.json === true) printJson(verified);
  else {
    console.log(
      `${verified.rows} rows, ${verified.ok ? 'every chain holds' : `${verified.faults.length} faults`}`,
    );
    for (const fault of verified.faults)
      console.log(`  ${safe(fault.stream)} #${fault.position}: ${safe(fault.fault)}`);
  }
  return verified.ok ? 0 : 1;
}

/** The heads of `--head`, checked against the public keys of `--keys` or of this folder's state. */
async function signedHeads(options: Options): Promise<HeadsReading | undefined> {
  const path = options['head'];
  if (typeof path !== 'string') return undefined;
  const keys = options['keys'];
  const folder =
    typeof keys === 'string' ? keys : join(stateOf({ ...options, cwd: process.cwd() }).folder, 'keys');
  return readHeads(jsonOf(await readFile(path, 'utf8')), openPublicKeys(folder));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `curtail audit heads`: signed, to be kept where nobody who writes the ledger can write. */
export async function heads(options: Options): Promise<0> {
  printJson(await api(options).get<SignedHeads>('/audit/heads'));
  return 0;
}

/** `curtail audit export`: JSON Lines on standard output, as they come. */
export async function exportRows(options: Options): Promise<0> {
  for await (const piece of api(options).stream('/audit/export'))
    if (!process.stdout.write(piece)) await drained();
  return 0;
}

function drained(): Promise<void> {
  return new Promise((resolve) => process.stdout.once('drain', resolve));
}
