import { queryValue, type Row, type Tables } from './client.js';
import type { ServiceNowConfig } from './config.js';

type Cmdb = NonNullable<ServiceNowConfig['cmdb']>;
interface Owner {
  owner?: string;
  team?: string;
  how: string;
  businessUnit?: string;
}

/** Who answers for a record, most fitting first: whoever supports it mends it. */
const TEAM_FIELDS = ['support_group', 'managed_by_group'] as const;
const PERSON_FIELDS = ['owned_by', 'managed_by', 'assigned_to'] as const;
const FIELDS = [
  'sys_id',
  'name',
  ...TEAM_FIELDS.map((field) => `${field}.name`),
  ...PERSON_FIELDS.map((field) => `${field}.email`),
  'department.name',
] as const;

/** Owner of a resource by its configuration item: by ARN, else by a tag that names one item and no other. */
export async function ownerOf(
  tables: Tables,
  cmdb: Cmdb,
  resource: { arn: string; tags: Readonly<Record<string, string>> },
): Promise<Owner | undefined> {
  const item = (await byArn(tables, cmdb, resource.arn)) ?? (await byTags(tables, cmdb, resource.tags));
  return item === undefined ? undefined : toOwner(item);
}

async function byArn(tables: Tables, cmdb: Cmdb, arn: string): Promise<Row | undefined> {
  const { rows } = await tables.find({
    table: cmdb.table,
    query: `${cmdb.arnField}=${queryValue(arn)}^ORDERBYsys_id`,
    fields: [...FIELDS, cmdb.arnField],
    limit: 2,
  });
  return onlyOne(rows.filter((row) => row[cmdb.arnField] === arn));
}

async function byTags(
  tables: Tables,
  cmdb: Cmdb,
  tags: Readonly<Record<string, string>>,
): Promise<Row | undefined> {
  for (const key of cmdb.tags) {
    const value = Object.hasOwn(tags, key) ? tags[key] : undefined;
    if (value === undefined || value === '') continue;
    const { rows } = await tables.find({
      table: 'cmdb_key_value',
      query: `key=${queryValue(key)}^value=${queryValue(value)}`,
      fields: ['key', 'value', 'configuration_item'],
      limit: 2,
    });
    const pair = onlyOne(rows.filter((row) => row['key'] === key && row['value'] === value));
    const itemId = pair?.['configuration_item'];
    if (itemId === undefined || itemId === '') continue;
    const found = await tables.find({
      table: cmdb.table,
      query: `sys_id=${queryValue(itemId)}`,
      fields: FIELDS,
      limit: 1,
    });
    const item = found.rows.find((row) => row['sys_id'] === itemId);
    if (item !== undefined) return item;
  }
  return undefined;
}

/** Two items for one resource are no answer: the wrong owner is worse than none. */
function onlyOne(rows: readonly Row[]): Row | undefined {
  return rows.length === 1 ? rows[0] : undefined;
}

function toOwner(item: Row): Owner {
  const team = TEAM_FIELDS.find((field) => filled(item[`${field}.name`]));
  const person = PERSON_FIELDS.find((field) => filled(item[`${field}.email`]));
  const used = [team, person].filter((field) => field !== undefined).join(', ');
  const department = item['department.name'] ?? '';
  return {
    ...(person !== undefined && { owner: item[`${person}.email`] ?? '' }),
    ...(team !== undefined && { team: item[`${team}.name`] ?? '' }),
    how: `ServiceNow item ${item['name'] ?? item['sys_id'] ?? ''}${used === '' ? ', which names nobody' : ` (${used})`}`,
    ...(department !== '' && { businessUnit: department }),
  };
}

function filled(text: string | undefined): boolean {
  return text !== undefined && text !== '';
}
