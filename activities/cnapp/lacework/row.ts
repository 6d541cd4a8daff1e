/** A row of an alert table downloaded from Lacework, as its API would write the alert. Column names compared loosely. */
export function laceworkRow(row: ReadonlyMap<string, string>): unknown {
  const cell = (...names: readonly string[]) =>
    names.map((name) => row.get(name)).find((value) => value !== undefined && value !== '');
  const arn = cell('resource', 'resourceid', 'arn', 'entity');
  return {
    alertId: cell('alertid', 'id') ?? null,
    alertName: cell('alertname', 'name', 'title'),
    alertType: cell('alerttype', 'type'),
    severity: cell('severity'),
    status: cell('status'),
    startTime: cell('starttime', 'createdtime'),
    endTime: cell('endtime', 'lastupdatedtime'),
    policyId: cell('policyid'),
    derivedFields: { category: cell('category'), sub_category: cell('subcategory'), source: cell('source') },
    alertInfo: { subject: cell('subject'), description: cell('description') },
    ...(arn !== undefined && {
      entityMap: { Resource: [{ KEY: { arn }, PROPS: { account: cell('account', 'accountid') } }] },
    }),
  };
}
