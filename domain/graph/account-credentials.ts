import { PolicyError } from '../iam/document.js';
import { isRecord } from '../json.js';
import type { UserCredentials } from './account.js';

/**
 * Reads IAM's credential report: CSV text, `get-credential-report`'s `{Content}` (base64), or rows as objects.
 * Columns: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
 * @throws PolicyError `InvalidAccount`
 */
export function readCredentialReport(value: unknown, pointer: string): Map<string, UserCredentials> {
  const rows = rowsOf(value, pointer);
  const report = new Map<string, UserCredentials>();
  for (const row of rows) {
    const arn = row.get('arn');
    if (arn === undefined || !arn.includes(':user/')) continue;
    report.set(arn, { password: isTrue(row.get('password_enabled')), accessKeys: keysOf(row) });
  }
  return report;
}

// A key that was never made has neither a rotation date nor a use.
function keysOf(row: ReadonlyMap<string, string>): number {
  return [1, 2].filter((slot) => {
    const rotated = row.get(`access_key_${slot}_last_rotated`) ?? 'N/A';
    return isTrue(row.get(`access_key_${slot}_active`)) || (rotated !== 'N/A' && rotated !== '');
  }).length;
}

function isTrue(text: string | undefined): boolean {
  return text?.toLowerCase() === 'true';
}

function rowsOf(value: unknown, pointer: string): Map<string, string>[] {
  if (Array.isArray(value)) return value.filter(isRecord).map(rowOfObject);
  if (typeof value === 'string') return rowsOfCsv(value);
  if (isRecord(value) && typeof value['Content'] === 'string')
    return rowsOfCsv(fromBase64(value['Content'], pointer));
  throw new PolicyError(
    'InvalidAccount',
    pointer,
    'reading the credential report: expected CSV text, rows, or {"Content": base64}',
  );
}

function rowOfObject(row: Record<string, unknown>): Map<string, string> {
  return new Map(Object.entries(row).map(([key, cell]) => [key.toLowerCase(), String(cell)]));
}

// The report quotes nothing: user names cannot contain commas in IAM.
function rowsOfCsv(text: string): Map<string, string>[] {
  const [head, ...lines] = text.split(/\r?\n/).filter((line) => line !== '');
  const columns = (head ?? '').split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return new Map(columns.map((column, index) => [column.trim(), (cells[index] ?? '').trim()]));
  });
}

function fromBase64(text: string, pointer: string): string {
  if (text.startsWith('user,')) return text;
  try {
    return atob(text);
  } catch {
    throw new PolicyError('InvalidAccount', pointer, 'reading the credential report: Content is not base64');
  }
}
