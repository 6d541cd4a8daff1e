/** Short ways to write policies in tests. */
type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

export interface Written {
  Version: string;
  Statement: readonly Readonly<Record<string, unknown>>[];
}

export function policy(...statements: readonly Readonly<Record<string, unknown>>[]): Written {
  return { Version: '2012-10-17', Statement: statements };
}

export function allow(
  Action: string | readonly string[],
  Resource: string | readonly string[] = '*',
  Condition: Condition = {},
) {
  return { Effect: 'Allow', Action, Resource, Condition };
}

export function deny(
  Action: string | readonly string[],
  Resource: string | readonly string[] = '*',
  Condition: Condition = {},
) {
  return { Effect: 'Deny', Action, Resource, Condition };
}

/** A statement of a bucket policy. */
export function grant(Principal: unknown, Condition: Condition = {}) {
  return { Effect: 'Allow', Principal, Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*', Condition };
}

/** A statement of a trust policy. */
export function trust(Principal: unknown) {
  return { Effect: 'Allow', Principal, Action: 'sts:AssumeRole' };
}
