import { jsonOrUndefined } from '../finding-parts.js';

/**
 * A row of the issues report that Wiz offers for download, as its API would write the issue. Column names as the report
 * has them (`Issue ID`, `Resource external ID`, …), compared without case, blanks and punctuation.
 */
export function wizRow(row: ReadonlyMap<string, string>): unknown {
  const cell = (...names: readonly string[]) =>
    names.map((name) => row.get(name)).find((value) => value !== undefined && value !== '');
  const rule = cell('controlid', 'ruleid') ?? cell('title', 'name');
  return {
    id: cell('issueid', 'id') ?? null,
    type: cell('issuetype', 'type'),
    status: cell('status'),
    severity: cell('severity'),
    createdAt: cell('createdat'),
    updatedAt: cell('updatedat', 'statuschangedat'),
    description: cell('description'),
    url: cell('wizurl', 'url'),
    sourceRule: { id: rule, name: cell('title', 'controlname', 'name') },
    entitySnapshot: {
      id: cell('resourcevertexid'),
      type: entityType(cell('resourcetype')),
      nativeType: cell('resourcenativetype', 'resourcetype'),
      name: cell('resourcename'),
      cloudPlatform: cell('resourceplatform', 'cloudplatform'),
      providerId: cell('resourceexternalid', 'provideruniqueid'),
      region: cell('resourceregion'),
      subscriptionExternalId: cell('subscriptionid'),
      tags: jsonOrUndefined(cell('resourcetags') ?? 'null'),
    },
  };
}

/** `Access Role` and `accessRole` for `ACCESS_ROLE`. */
function entityType(word: string | undefined): string | undefined {
  return word
    ?.replace(/([a-z])([A-Z])/g, '$1_$2')
    .replace(/[\s-]+/g, '_')
    .toUpperCase();
}
