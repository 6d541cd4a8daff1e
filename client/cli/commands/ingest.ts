import { existsSync } from 'node:fs';
import { FINDING_SOURCES } from '../../../domain/finding/finding.js';
import type { OperationOptions } from '../operations.js';
import { printJson } from '../print.js';
import { api } from './findings.js';

type Options = OperationOptions & Record<string, unknown>;

/** `curtail ingest`: streams an export to the running Curtail. Exit 1 when records were refused. */
export async function ingest(file: string, options: Options): Promise<0 | 1 | 2> {
  const source = options['source'];
  if (typeof source !== 'string' || !(FINDING_SOURCES as readonly string[]).includes(source)) {
    console.error(`name the platform that wrote the file: --source ${FINDING_SOURCES.join('|')}`);
    return 2;
  }
  if (!existsSync(file)) {
    console.error(`no file ${file}`);
    return 2;
  }
  const receipt = await api(options).upload<Record<string, number>>(`/ingest/${source}`, file);
  if (options.json === true) printJson(receipt);
  else for (const [name, count] of Object.entries(receipt)) console.log(`${name.padEnd(12)} ${count}`);
  if (options.json !== true && (receipt['held'] ?? 0) > 0)
    console.log(`nothing begins before you confirm: curtail forecast ${source}`);
  return (receipt['quarantined'] ?? 0) > 0 ? 1 : 0;
}
