import { variableEnd } from './pattern.js';

/** The six fields of an ARN: `arn`, partition, service, region, account, resource; the last may hold `:` and `/`. */
export type ArnFields = readonly [string, string, string, string, string, string];

/** Splits a concrete ARN; undefined for what has fewer than six fields or does not start with `arn`. */
export function splitArn(text: string): ArnFields | undefined {
  if (!text.startsWith('arn:')) return undefined;
  const fields = fieldsOf(text, false);
  return fields.length === 6 ? toSix(fields) : undefined;
}

/**
 * Splits an ARN pattern at its first five colons; a colon within `${…}` belongs to the variable when `variables`.
 * With `complete`, missing fields become `*`, as AWS does in identity policies; without, a short one is undefined.
 */
export function splitArnPattern(
  pattern: string,
  { variables, complete }: { variables: boolean; complete: boolean },
): ArnFields | undefined {
  const fields = fieldsOf(pattern, variables);
  if (fields.length === 6) return toSix(fields);
  if (!complete) return undefined;
  return toSix([...fields, ...Array.from({ length: 6 - fields.length }, () => '*')]);
}

/** Whether a pattern is meant as an ARN. */
export function looksLikeArn(pattern: string): boolean {
  return pattern.startsWith('arn:');
}

/** Whether an ARN pattern has fewer than its six fields. */
export function isShortArn(pattern: string): boolean {
  return fieldsOf(pattern, true).length < 6;
}

/** The 12-digit account in an ARN, or undefined (S3 buckets have none). */
export function accountOfArn(arn: string): string | undefined {
  const account = splitArn(arn)?.[4];
  return account !== undefined && /^\d{12}$/.test(account) ? account : undefined;
}

function fieldsOf(text: string, variables: boolean): readonly string[] {
  const fields: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length && fields.length < 5; at += 1) {
    const unit = text.charAt(at);
    const end = variables ? variableEnd(text, at) : -1;
    if (end > 0) at = end;
    if (end > 0 || unit !== ':') continue;
    fields.push(text.slice(start, at));
    start = at + 1;
  }
  fields.push(text.slice(start));
  return fields;
}

function toSix(fields: readonly string[]): ArnFields {
  const [arn = '', partition = '', service = '', region = '', account = '', resource = ''] = fields;
  return [arn, partition, service, region, account, resource];
}
