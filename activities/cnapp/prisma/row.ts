/**
 * A row of the alert table that Prisma Cloud offers for download, as its API would write the alert. Column names
 * compared without case, blanks and punctuation.
 */
export function prismaRow(row: ReadonlyMap<string, string>): unknown {
  const cell = (...names: readonly string[]) =>
    names.map((name) => row.get(name)).find((value) => value !== undefined && value !== '');
  return {
    id: cell('alertid', 'id') ?? null,
    status: cell('alertstatus', 'status'),
    alertTime: cell('alerttime'),
    firstSeen: cell('firstseen', 'alerttime'),
    lastSeen: cell('lastseen', 'lastupdated'),
    policyId: cell('policyid'),
    policy: {
      name: cell('policyname'),
      policyType: cell('policytype')?.toLowerCase(),
      severity: cell('policyseverity', 'severity'),
      description: cell('description', 'policydescription'),
    },
    resource: {
      id: cell('resourceid', 'resourcearn'),
      name: cell('resourcename'),
      accountId: cell('cloudaccountid', 'accountid'),
      regionId: cell('region', 'cloudregion', 'resourceregion'),
      resourceType: cell('resourcetype'),
      cloudServiceName: cell('cloudservicename', 'servicename'),
      cloudType: cell('cloudtype')?.toLowerCase(),
    },
  };
}
