import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { daysBefore } from './model/clock.js';
import { EXPORTS, jsonText } from './model/exports.js';
import type { SampleFinding, Source } from './model/finding.js';
import { arn, PRODUCTION } from './model/names.js';
import { development, payments } from './model/others.js';
import { production } from './model/production.js';
import { seeded } from './model/random.js';
import { isStillTrue, type RawAccount, tagsOf } from './model/scan-rules.js';
import { type SampleFile, trailFiles } from './model/trail-files.js';

const SEED = 20_261_001;

/** Every generated file of the organisation: accounts, trail, exports. The rest of the folder is written by hand. */
export function organisationFiles(): SampleFile[] {
  const random = seeded(SEED);
  const accounts = [production(random), development(random), payments(random)];
  const files: SampleFile[] = accounts.flatMap(({ id, details }) => [
    { path: `account/${id}/account.json`, content: jsonText(details) },
    { path: `account/${id}/logging.json`, content: jsonText({ management: true, data: 'all' }) },
  ]);
  files.push({ path: `account/${PRODUCTION}/reporting.tfstate`, content: jsonText(terraformState()) });
  files.push(
    ...trailFiles(
      accounts.map(({ id }) => id),
      random,
    ).map((file) => ({ ...file, path: `account/${file.path}` })),
  );
  const details = new Map(accounts.map((account) => [account.id, account.details as RawAccount]));
  files.push(...exportFiles(details));
  return files;
}

function exportFiles(accounts: ReadonlyMap<string, RawAccount>): SampleFile[] {
  const all = [...accounts.values()];
  const scan = {
    isOpen: (finding: SampleFinding) => isStillTrue(accounts.get(finding.account) ?? {}, finding.check),
    seenIso: daysBefore(0, -2),
    tags: (of: string) =>
      Object.assign({}, ...all.map((account) => tagsOf(account, of))) as Record<string, string>,
  };
  return (Object.keys(EXPORTS) as Source[]).flatMap((source) =>
    EXPORTS[source](scan).map(({ name, content }) => ({
      path: `exports/${source}/${name}`,
      content: jsonText(content),
    })),
  );
}

function terraformState(): unknown {
  return {
    version: 4,
    terraform_version: '1.9.8',
    serial: 17,
    lineage: '3a5d6a42-2f0e-4b1c-9a76-6a8f0c1e7b11',
    outputs: {},
    resources: [
      {
        module: 'module.reporting',
        mode: 'managed',
        type: 'aws_iam_role',
        name: 'etl',
        provider: 'provider["registry.terraform.io/hashicorp/aws"]',
        instances: [
          {
            schema_version: 0,
            attributes: {
              arn: arn.role(PRODUCTION, 'reporting-etl'),
              id: 'reporting-etl',
              name: 'reporting-etl',
            },
          },
        ],
      },
    ],
    check_results: null,
  };
}

/** Writes the generated part of the organisation into a folder. */
async function generate(folder: string): Promise<number> {
  const files = organisationFiles();
  for (const name of ['account', 'exports']) await rm(join(folder, name), { recursive: true, force: true });
  for (const { path, content } of files) {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
  }
  return files.length;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), 'organisation');
  console.log(`${await generate(folder)} files written to ${folder}`);
}
