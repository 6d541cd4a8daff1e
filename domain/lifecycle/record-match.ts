/** What a record says it is about. */
export interface RecordScope {
  /** ARNs; a trailing `*` stands for any rest. */
  arns: readonly string[];
  /** Tags that a resource must all have to be meant; none means that tags decide nothing. */
  tags: Readonly<Record<string, string>>;
}

/** The record of a resource: by ARN first, then by tags, the first that fits. */
export function fittingRecord<Entry extends RecordScope>(
  records: readonly Entry[],
  resource: { arn: string; tags: Readonly<Record<string, string>> },
): Entry | undefined {
  return (
    records.find(({ arns }) => arns.some((pattern) => arnFits(resource.arn, pattern))) ??
    records.find((record) => tagsFit(resource.tags, record.tags))
  );
}

function arnFits(arn: string, pattern: string): boolean {
  return pattern.endsWith('*') ? arn.startsWith(pattern.slice(0, -1)) : arn === pattern;
}

function tagsFit(tags: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  const entries = Object.entries(wanted);
  return (
    entries.length > 0 && entries.every(([name, value]) => Object.hasOwn(tags, name) && tags[name] === value)
  );
}
