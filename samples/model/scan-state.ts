import type { SampleFinding } from './finding.js';

/** What a scan saw: which findings are still true, when it looked, and which it had seen fixed before. */
export interface ScanState {
  isOpen(finding: SampleFinding): boolean;
  /** When the scan ran, ISO 8601. */
  seenIso: string;
  /** Tags of a subject as the cloud has them now. */
  tags(arn: string): Readonly<Record<string, string>>;
}

/** One exported file. */
export interface ExportFile {
  name: string;
  content: unknown;
}

/** The last name in an ARN. */
export function shortName(arn: string): string {
  return arn.slice(Math.max(arn.lastIndexOf('/'), arn.lastIndexOf(':')) + 1);
}

/** Names of the accounts, as the platforms know them. */
export const ACCOUNT_NAMES: Readonly<Record<string, string>> = {
  '123456789012': 'larkfield-production',
  '210987654321': 'larkfield-development',
  '345678901234': 'larkfield-payments',
};
