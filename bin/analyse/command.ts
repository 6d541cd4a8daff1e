import type { Command } from 'commander';
import { FINDING_SOURCES } from '../../domain/finding/finding.js';

/** What `curtail analyse` is asked. */
export interface AnalyseOptions {
  account: string;
  trail?: string;
  scps?: string;
  logging?: string;
  findings?: string;
  source?: string;
  team?: string;
  env?: string;
  since?: string;
  out: string;
  json?: boolean;
  quiet?: boolean;
}

/** The one-shot analysis: files in, a report out. It needs no server and changes nothing. */
export function registerAnalyse(program: Command): void {
  program
    .command('analyse')
    .alias('analyze')
    .description(
      'analyse accounts from files, read-only: evidence, risk, escalation paths, and proved fixes as an HTML report and JSON',
    )
    .requiredOption(
      '--account <path>',
      'output of "aws iam get-account-authorization-details": a file, or a folder of pages, accounts, credential reports (CSV)',
    )
    .option('--trail <folder>', 'CloudTrail log files as AWS delivers them (AWSLogs/…/*.json.gz)')
    .option(
      '--scps <file>',
      'service (and resource) control policies, from the root’s level to the account’s',
    )
    .option(
      '--logging <what>',
      'data events that the trail records: all, or services such as s3,dynamodb (default: none; or logging.json beside the account)',
    )
    .option('--findings <path>', 'export of a security platform; needs --source')
    .option('--source <vendor>', FINDING_SOURCES.join(', '))
    .option('--team <name>', 'only identities whose tags name this team')
    .option('--env <name>', 'only identities whose tags name this environment')
    .option('--since <report.json>', 'an earlier analysis, for the trend')
    .requiredOption('--out <folder>', 'where report.html, report.json and fixes/ are written')
    .option('--json', 'print a summary as JSON')
    .option('--quiet', 'no progress')
    .addHelpText(
      'after',
      '\nExample:\n  aws iam get-account-authorization-details > account.json\n  aws s3 sync s3://my-trail-bucket/AWSLogs AWSLogs\n  curtail analyse --account account.json --trail AWSLogs --out report\n',
    )
    .action(async (options: AnalyseOptions) => {
      const { analyse } = await import('./analyse.js');
      process.exitCode = await analyse(options);
    });
}
