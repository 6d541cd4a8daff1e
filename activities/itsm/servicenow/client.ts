import { randomUUID } from 'node:crypto';
import ServiceNow from 'servicenow-rest-api';
import { z } from 'zod';
import { Failure, FailureType } from '../../../domain/failure.js';
import type { Send } from './transport.js';

/** A record as asked for: raw values, references as sys_ids, times in UTC. */
export type Row = Readonly<Record<string, string>>;
export interface Found {
  rows: readonly Row[];
  /** Records that matched before access rules hid some. */
  total?: number;
}

/** Records of any table, by the package `servicenow-rest-api`. */
export interface Tables {
  /** `query` is an encoded query whose values were checked by `queryValue`. */
  find(input: { table: string; query: string; fields: readonly string[]; limit?: number }): Promise<Found>;
  create(input: { table: string; row: Row }): Promise<Row>;
  update(input: { table: string; sysId: string; row: Row }): Promise<Row>;
}

interface Call {
  doing: string;
  send: Send;
  table: string;
  /** Set for an update: the record itself, so that none is searched by its number, which need not be unique. */
  sysId?: string;
  query: Readonly<Record<string, string>>;
  error?: unknown;
  total?: number;
}

/** What axios hands to an adapter, as far as it is used here. */
interface AxiosRequest {
  url?: string;
  method?: string;
  data?: unknown;
  auth?: { username?: string };
}

/** Never reached: the package only builds requests, which `dispatch` sends to the configured address. */
const HOST = 'instance.invalid';
const SYS_ID = /^[0-9a-f]{32}$/;
const NAME = /^[a-z0-9_]{1,80}$/;
const FIELD = /^[a-z0-9_.]{1,160}$/;
const TableRow = z.record(z.string(), z.unknown()).transform(toRow);
const Rows = z.array(TableRow);
const Created = TableRow.refine((row) => SYS_ID.test(row['sys_id'] ?? ''), 'a record without its sys_id');

/** Calls under way, by the id that stands in the place of a user name: no credential reaches the package. */
const calls = new Map<string, Call>();
// The package keeps one HTTP client for all its instances: it is set here, once, to one that serves every call by its id.
new ServiceNow(HOST, '', '').setNetworkOptions({ adapter: dispatch });

/** Records through `send`. Every fault of the package ends here: see the tests, one for each. */
export function createTables(send: Send): Tables {
  return {
    async find({ table, query, fields, limit = 100 }) {
      const call: Call = { doing: `reading ${table}`, send, table: named(table), query: reading(limit) };
      for (const field of fields) if (!FIELD.test(field)) throw invalid(`no column: ${field.slice(0, 40)}`);
      // One filter, encoded: the package joins filters and addresses as they are.
      const filters = [encodeURIComponent(query)];
      const value = await run(call, (client, done) => client.getTableData(fields, filters, table, done));
      const rows = parsed(Rows, value, call);
      return { rows, ...(call.total !== undefined && { total: call.total }) };
    },
    async create({ table, row }) {
      const call: Call = { doing: `creating in ${table}`, send, table: named(table), query: WRITING };
      return parsed(Created, await run(call, (client, done) => client.createNewTask(row, table, done)), call);
    },
    async update({ table, sysId, row }) {
      if (!SYS_ID.test(sysId)) throw new Failure(FailureType.NotFound, 'servicenow: updating: no sys_id');
      const call: Call = { doing: `updating ${table}`, send, table: named(table), sysId, query: WRITING };
      const value = await run(call, (client, done) => client.UpdateTask(table, sysId, row, done));
      const updated = parsed(Created, value, call);
      if (updated['sys_id'] !== sysId)
        throw new Failure(FailureType.VendorShape, `servicenow: ${call.doing}: another record came back`);
      return updated;
    },
  };
}

/**
 * A value for an encoded query. There is no way to escape `^`, and `javascript:` would be run by the instance, so both are
 * refused.
 */
export function queryValue(value: string): string {
  const harmless = value.length > 0 && value.length <= 1_000 && !/[\^\p{Cc}]/u.test(value);
  if (!harmless || /javascript:/i.test(value))
    throw invalid('a value that cannot stand in a query: it has ^, control characters or a script');
  return value;
}

/** Raw values, plain references, and no more rows than wanted; the package asks for display values and 10,000 rows. */
function reading(limit: number): Readonly<Record<string, string>> {
  return {
    sysparm_display_value: 'false',
    sysparm_exclude_reference_link: 'true',
    sysparm_limit: String(limit),
  };
}
/** Values are taken as they are stored: by display values, times would be read in the account's own time zone. */
const WRITING = {
  sysparm_input_display_value: 'false',
  sysparm_display_value: 'false',
  sysparm_exclude_reference_link: 'true',
};

function run(
  call: Call,
  start: (client: ServiceNow, done: (value: unknown) => void) => void,
): Promise<unknown> {
  const id = randomUUID();
  calls.set(id, call);
  const settled = new Promise<unknown>((resolve, reject) => {
    // The package passes an error as if it were a result, and calls again when a callback throws. This one cannot.
    const done = (value: unknown) => (call.error === undefined ? resolve(value) : reject(call.error));
    quietly(() => start(new ServiceNow(HOST, id, ''), done));
  });
  return settled.finally(() => calls.delete(id));
}

/** The package prints addresses and, with them, queries. It does so before it returns, so nobody else is muted. */
function quietly(work: () => void): void {
  const { console: sink } = globalThis;
  const { log } = sink;
  sink.log = () => undefined;
  try {
    work();
  } finally {
    sink.log = log;
  }
}

/** In the place of the package's HTTP: checks what it built, mends the query, and sends it our way. */
async function dispatch(request: AxiosRequest): Promise<object> {
  const call = calls.get(request.auth?.username ?? '');
  if (call === undefined) throw new Error('servicenow: a request that belongs to no call');
  try {
    const result = await answer(call, request);
    return { data: { result }, status: 200, statusText: 'OK', headers: {}, config: request };
  } catch (error) {
    call.error ??= error;
    // What the package sees holds nothing: it keeps errors with the credentials of their requests.
    throw new Error('servicenow: the call failed');
  }
}

async function answer(call: Call, request: AxiosRequest): Promise<unknown> {
  if (call.error !== undefined) throw call.error;
  const url = new URL(request.url ?? '');
  const method = (request.method ?? '').toLowerCase();
  const below = `/table/${call.table}`;
  if (method === 'get' && url.pathname === `/api/now/v2${below}`) {
    if (call.sysId !== undefined) return [{ sys_id: call.sysId }];
    return sent(call, 'GET', url);
  }
  if (method === 'post' && url.pathname === `/api/now${below}`) return sent(call, 'POST', url, request.data);
  if (method === 'put' && call.sysId !== undefined && url.pathname === `/api/now${below}/${call.sysId}`)
    return sent(call, 'PATCH', url, request.data);
  throw invalid(`an address that was not meant: ${method} ${url.pathname.slice(0, 100)}`);
}

async function sent(
  call: Call,
  method: 'GET' | 'POST' | 'PATCH',
  url: URL,
  body?: unknown,
): Promise<unknown> {
  for (const [name, value] of Object.entries(call.query)) url.searchParams.set(name, value);
  const { result, total } = await call.send({
    doing: call.doing,
    method,
    path: `${url.pathname}${url.search}`,
    ...(method !== 'GET' && { write: true, headers: { 'content-type': 'application/json' } }),
    ...(typeof body === 'string' && { body }),
  });
  if (total !== undefined) call.total = total;
  return result;
}

/** A reference may come as its sys_id or as an object with it; what is no text counts as empty. */
function toRow(record: Readonly<Record<string, unknown>>): Row {
  const entries = Object.entries(record).map(([name, value]) => [name, textOf(value)] as const);
  return Object.fromEntries(entries);
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || !('value' in value)) return '';
  return typeof value.value === 'string' ? value.value : '';
}

function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown, call: Call): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new Failure(
    FailureType.VendorShape,
    `servicenow: ${call.doing}: unexpected answer at /${issue?.path.join('/') ?? ''}: ${issue?.message ?? 'unknown'}`,
  );
}

function named(table: string): string {
  if (!NAME.test(table)) throw invalid(`no table: ${table.slice(0, 40)}`);
  return table;
}

function invalid(what: string): Failure {
  return new Failure(FailureType.InvalidInput, `servicenow: ${what}`);
}
