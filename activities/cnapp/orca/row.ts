/** A row of an alert table downloaded from Orca, as its older API would write the alert. Column names compared loosely. */
export function orcaRow(row: ReadonlyMap<string, string>): unknown {
  const cell = (...names: readonly string[]) =>
    names.map((name) => row.get(name)).find((value) => value !== undefined && value !== '');
  return {
    type: cell('ruletype', 'type'),
    type_string: cell('alerttype', 'title', 'alerttitle'),
    rule_id: cell('ruleid'),
    category: cell('category'),
    description: cell('description'),
    details: cell('details'),
    recommendation: cell('recommendation'),
    alert_labels: (cell('labels', 'alertlabels') ?? '').split(/[;,]\s*/).filter((each) => each !== ''),
    asset_name: cell('assetname'),
    asset_type: cell('assettype'),
    asset_category: cell('assetcategory'),
    asset_arn: cell('assetarn', 'arn'),
    asset_vendor_id: cell('assetvendorid', 'cloudassetid'),
    asset_unique_id: cell('assetuniqueid'),
    asset_regions: [cell('region', 'assetregion', 'assetregions') ?? 'global'],
    asset_tags_info_list: (cell('tags', 'assettags') ?? '').split(/[;,]\s*/).filter((each) => each !== ''),
    cloud_provider: cell('cloudprovider'),
    cloud_vendor_id: cell('cloudvendorid', 'cloudaccountid', 'accountid'),
    state: {
      alert_id: cell('alertid', 'name', 'id') ?? null,
      status: cell('status'),
      risk_level: cell('risklevel', 'severity')?.toLowerCase(),
      created_at: cell('createdat', 'created'),
      last_seen: cell('lastseen'),
    },
  };
}
