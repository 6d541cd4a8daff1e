import { type RawStatement, rawStatements } from '../iam/rightsize/statement.js';
import { isRecord, type Json } from '../json.js';

/** Condition keys that narrow everybody to somebody: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status */
const NARROWING_KEYS = new Set([
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:principalaccount',
  'aws:principalarn',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:sourceaccount',
  'aws:sourcearn',
  'aws:sourceorgid',
  'aws:sourceip',
  'aws:userid',
  'aws:sourceowner',
  's3:dataaccesspointaccount',
  's3:dataaccesspointarn',
  'kms:calleraccount',
  'kms:viaservice',
]);

/** The document in which no statement allows everybody any more, and how many did. Whom they name besides keeps its access. */
export function withoutPublic(document: Json): { document: Json; removed: number } {
  const statements = rawStatements(document);
  const rest = statements.flatMap((statement) => (isPublic(statement) ? namedOnly(statement) : [statement]));
  return {
    document: isRecord(document) ? ({ ...document, Statement: rest } as Json) : document,
    removed: statements.filter(isPublic).length,
  };
}

/** What is left of a public statement: nothing, or the principals that it names beside everybody. */
function namedOnly(statement: RawStatement): RawStatement[] {
  const principal = statement['Principal'];
  if (!isRecord(principal)) return [];
  const aws = principal['AWS'];
  const named: readonly Json[] = Array.isArray(aws) ? aws.filter((each) => each !== '*') : [];
  const others = Object.entries(principal).filter(([name]) => name !== 'AWS');
  if (named.length + others.length === 0) return [];
  const left = { ...Object.fromEntries(others), ...(named.length > 0 && { AWS: named }) };
  return [{ ...statement, Principal: left as Json }];
}

/** Whether a statement allows everybody: a principal of `*`, and no condition that says whom. */
function isPublic(statement: RawStatement): boolean {
  if (statement['Effect'] !== 'Allow') return false;
  if (statement['NotPrincipal'] !== undefined) return true;
  return includesEveryone(statement['Principal']) && !narrows(statement['Condition']);
}

function includesEveryone(principal: Json | undefined): boolean {
  if (principal === '*') return true;
  if (!isRecord(principal)) return false;
  const aws = principal['AWS'];
  return aws === '*' || (Array.isArray(aws) && aws.includes('*'));
}

/** Only a positive test on such a key narrows: `StringNotEquals` or `IfExists` lets everybody else in. */
function narrows(condition: Json | undefined): boolean {
  if (!isRecord(condition)) return false;
  return Object.entries(condition).some(([operator, tests]) => {
    if (
      !/^(ForAnyValue:)?(StringEquals|StringLike|StringEqualsIgnoreCase|ArnEquals|ArnLike|IpAddress)$/i.test(
        operator,
      )
    )
      return false;
    if (!isRecord(tests)) return false;
    return Object.entries(tests).some(
      ([key, values]) => NARROWING_KEYS.has(key.toLowerCase()) && !isOpen(values),
    );
  });
}

function isOpen(values: unknown): boolean {
  const list: readonly unknown[] = Array.isArray(values) ? values : [values];
  return list.some(
    (value) =>
      typeof value === 'string' && (/^[*?]+$/.test(value) || value === '0.0.0.0/0' || value === '::/0'),
  );
}
