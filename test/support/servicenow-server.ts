import { createHash } from 'node:crypto';
import {
  jsonOf,
  startVendorServer,
  type VendorAnswer,
  type VendorRequest,
  type VendorServer,
} from './vendor-server.js';

type Row = Record<string, string>;

/** A ServiceNow instance in memory: as much of the Table and Attachment APIs as is documented and used. */
export interface ServiceNowServer extends VendorServer {
  table(name: string): Row[];
  /** Adds a record; its sys_id comes back. */
  add(table: string, row: Row): string;
  /** Makes a number of tokens that are taken no more. */
  expireTokens(): void;
  /** Answers a state change so, as a business rule would. */
  rule: { refuses?: string };
  /** Tables whose rows are there and may not be read. */
  hidden: Set<string>;
  attachments: { tableSysId: string; name: string; type: string; text: string }[];
}

export const CLIENT = { id: 'client-1', secret: 'client-secret-1' };

/** Starts the instance. Its accounts are `CLIENT` by OAuth, and `curtail` / `pass-1` by password. */
export async function startServiceNow(): Promise<ServiceNowServer> {
  const tables = new Map<string, Row[]>();
  const attachments: ServiceNowServer['attachments'] = [];
  const rule: ServiceNowServer['rule'] = {};
  const hidden = new Set<string>();
  let generation = 1;
  let count = 0;

  function table(name: string): Row[] {
    const rows = tables.get(name) ?? [];
    tables.set(name, rows);
    return rows;
  }
  function add(name: string, given: Row): string {
    count += 1;
    const sys_id = createHash('md5').update(`${name}${count}`).digest('hex');
    const created = new Date(Date.UTC(2026, 10, 20, 14, 0, count)).toISOString();
    const sys_created_on = created.slice(0, 19).replace('T', ' ');
    const base: Row =
      name === 'change_request' || name === 'incident'
        ? {
            number: `CHG${String(count).padStart(7, '0')}`,
            state: name === 'incident' ? '1' : '-5',
            approval: 'not requested',
          }
        : {};
    table(name).push({ sys_id, ...base, sys_created_on, sys_updated_on: sys_created_on, ...given });
    return sys_id;
  }
  function note(record: Row, row: Row): void {
    for (const element of ['comments', 'work_notes'])
      if (row[element] !== undefined)
        add('sys_journal_field', {
          element_id: record['sys_id'] ?? '',
          element,
          value: row[element],
          sys_created_by: 'curtail',
        });
  }

  function act(request: VendorRequest): VendorAnswer {
    const { pathname, searchParams } = request.url;
    if (pathname === '/oauth_token.do') return token(request);
    const { authorization } = request.headers;
    const basic = `Basic ${Buffer.from('curtail:pass-1').toString('base64')}`;
    if (authorization !== `Bearer token-${generation}` && authorization !== basic)
      return failure(401, 'User Not Authenticated', 'Required to provide Auth information');
    if (pathname === '/api/now/attachment/file') return upload(request);
    if (pathname === '/api/now/attachment') return listing(searchParams);
    const match = /^\/api\/now\/(v2\/)?table\/([a-z0-9_]+)(?:\/([0-9a-f]{32}))?$/.exec(pathname);
    if (match === null) return failure(400, 'Requested URI does not represent any resource', null);
    const [, , name = '', sysId] = match;
    if (request.method === 'GET') return list(name, searchParams);
    const row = jsonOf(request) as Row;
    if (request.method === 'POST') {
      const { comments: _c, work_notes: _w, ...columns } = row;
      const id = add(name, columns);
      const record = table(name).find((each) => each['sys_id'] === id) ?? {};
      note(record, row);
      return { status: 201, body: { result: record } };
    }
    return patch(name, sysId ?? '', row);
  }

  function token(request: VendorRequest): VendorAnswer {
    const form = new URLSearchParams(request.body.toString());
    const isGood = form.get('client_id') === CLIENT.id && form.get('client_secret') === CLIENT.secret;
    return isGood
      ? { status: 200, body: { access_token: `token-${generation}`, token_type: 'Bearer', expires_in: 1800 } }
      : { status: 401, body: { error: 'server_error', error_description: 'access_denied' } };
  }
  function patch(name: string, sysId: string, row: Row): VendorAnswer {
    const record = table(name).find((each) => each['sys_id'] === sysId);
    if (record === undefined)
      return failure(404, 'No Record found', "Record doesn't exist or ACL restricts the record retrieval");
    if (row['state'] !== undefined && rule.refuses !== undefined)
      return failure(403, 'Operation Failed', rule.refuses);
    const { comments: _c, work_notes: _w, ...columns } = row;
    Object.assign(record, columns);
    note(record, row);
    return { status: 200, body: { result: record } };
  }
  function list(name: string, search: URLSearchParams): VendorAnswer {
    if (!tables.has(name) && !/^(change_request|incident|sys_|cmdb_|sysapproval)/.test(name))
      return failure(400, `Invalid table ${name}`, null);
    const found = select(table(name), search.get('sysparm_query') ?? '');
    const limit = Number(search.get('sysparm_limit') ?? '10000');
    const fields = (search.get('sysparm_fields') ?? '').split(',').filter((each) => each !== '');
    const shown = hidden.has(name) ? [] : found.slice(0, limit);
    const rows = shown.map((row) =>
      fields.length === 0
        ? row
        : Object.fromEntries(fields.filter((f) => Object.hasOwn(row, f)).map((f) => [f, row[f]])),
    );
    return { status: 200, headers: { 'x-total-count': String(found.length) }, body: { result: rows } };
  }
  function upload(request: VendorRequest): VendorAnswer {
    const { searchParams } = request.url;
    const tableSysId = searchParams.get('table_sys_id') ?? '';
    const name = searchParams.get('file_name') ?? '';
    const type = request.headers['content-type'] ?? '';
    if (name === '' || type === '') return failure(400, 'Missing parameter', null);
    attachments.push({ tableSysId, name, type, text: request.body.toString() });
    return { status: 201, body: { result: { sys_id: 'f'.repeat(32), file_name: name } } };
  }
  function listing(search: URLSearchParams): VendorAnswer {
    const wanted = (search.get('sysparm_query') ?? '').replace('table_sys_id=', '');
    const result = attachments
      .filter(({ tableSysId }) => tableSysId === wanted)
      .map(({ name, tableSysId }) => ({ file_name: name, table_sys_id: tableSysId }));
    return { status: 200, body: { result } };
  }

  const server = await startVendorServer(act);
  const expireTokens = (): void => {
    generation += 1;
  };
  return { ...server, table, add, expireTokens, rule, hidden, attachments };
}

/** The rows that an encoded query names. As in the product, a condition on a column that is not there is left out. */
function select(rows: readonly Row[], query: string): Row[] {
  const parts = query
    .split('^')
    .filter((part) => !part.startsWith('ORDERBY') && !part.startsWith('ORORDERBY'));
  return rows.filter((row) => {
    const known = parts.map((part) => holds(row, part));
    const either = parts.flatMap((part, i) => (part.startsWith('OR') ? [i, i - 1] : []));
    const all = known.every((fits, i) => fits || either.includes(i));
    return all && (either.length === 0 || either.some((i) => known[i] === true));
  });
}

function holds(row: Row, part: string): boolean {
  const list = /^(?:OR)?([a-z_.]+)IN(.*)$/.exec(part);
  if (list !== null) return (list[2] ?? '').split(',').includes(row[list[1] ?? ''] ?? '');
  const equal = /^(?:OR)?([a-z0-9_.]+)=(.*)$/s.exec(part);
  if (equal === null || !Object.hasOwn(row, equal[1] ?? '')) return true;
  return row[equal[1] ?? ''] === equal[2];
}

function failure(status: number, message: string, detail: string | null): VendorAnswer {
  return { status, body: { error: { message, detail }, status: 'failure' } };
}
