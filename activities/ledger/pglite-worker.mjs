/**
 * The thread that owns the embedded database. A query blocks the thread that runs it, so it must not be the one
 * that answers people. Plain JavaScript: a worker thread starts without the loader that runs TypeScript.
 *
 * Takes `{id, statements: [{text, params}]}` or `{id, close: true}`; answers `{id, results}`, the rows of each statement,
 * or `{id, error: {message, code}}` of the first that failed, in order. The first answer has id 0 and says that the
 * database is open.
 *
 * It speaks PostgreSQL's own protocol with the database instead of `PGlite.query`: all statements of a message go in one
 * call, and a statement that was seen before is not parsed and planned again. Measured, a select by key costs 0.04 ms
 * of CPU that way, not 0.33 ms. https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite, protocol } from '@electric-sql/pglite';

const { Parser, serialize } = protocol;

/** Statements that stay prepared; the ledger's own are some hundred. */
const MAX_PREPARED = 500;

/** By the OID of a column's type: bool, int8, int2, int4, float4, float8, bytea. Everything else stays text. */
const READERS = new Map([
  [16, (text) => text === 't'],
  // Our numbers are milliseconds and counts, far below 2^53.
  [20, Number],
  [21, Number],
  [23, Number],
  [700, Number],
  [701, Number],
  [17, (text) => new Uint8Array(Buffer.from(text.slice(2), 'hex'))],
]);

let database;
/** Name of each prepared statement, by its text. */
const prepared = new Map();
let lastName = 0;

async function open() {
  database = await PGlite.create(workerData.folder);
  return [];
}

async function run(statements) {
  const failed = new Map(prepared);
  const messages = statements.flatMap(({ text, params }) =>
    params === undefined ? [serialize.query(text)] : extended(text, params),
  );
  const answer = await database.execProtocolRaw(Buffer.concat(messages));
  const { results, error } = read(answer, statements.length);
  // A failed script may have changed what a prepared statement means, and a failed parse prepared nothing.
  if (error !== undefined) keepOnly(failed);
  if (statements.some(({ text, params }) => params === undefined && !isBracket(text))) keepOnly(new Map());
  if (error !== undefined) throw error;
  return results;
}

function extended(text, params) {
  const known = prepared.get(text);
  const statement = known ?? prepare(text);
  const parse = known === undefined ? [serialize.parse({ name: statement, text })] : [];
  return [
    ...parse,
    serialize.bind({ statement, values: params.map(written) }),
    serialize.describe({ type: 'P' }),
    serialize.execute({}),
    serialize.sync(),
  ];
}

function prepare(text) {
  if (prepared.size >= MAX_PREPARED) keepOnly(new Map());
  lastName += 1;
  const name = `s${lastName}`;
  prepared.set(text, name);
  return name;
}

/** Forgets prepared statements that are not in `kept`; a name is never used twice, so the rest does no harm. */
function keepOnly(kept) {
  for (const text of prepared.keys()) if (!kept.has(text)) prepared.delete(text);
}

function isBracket(text) {
  return text === 'BEGIN' || text === 'COMMIT' || text === 'ROLLBACK';
}

/** Rows of each statement, and the first error. Every statement ends with `readyForQuery`. */
function read(answer, count) {
  const results = [];
  let error;
  let columns = [];
  let rows = [];
  new Parser().parse(answer, (message) => {
    if (message.name === 'rowDescription') columns = message.fields;
    if (message.name === 'dataRow') rows.push(row(columns, message.fields));
    if (message.name === 'error') error ??= message;
    if (message.name === 'readyForQuery') {
      results.push(rows);
      rows = [];
    }
  });
  if (results.length !== count) error ??= new Error(`${results.length} answers to ${count} statements`);
  return { results, error };
}

function row(columns, fields) {
  const read = {};
  for (const [index, { name, dataTypeID }] of columns.entries()) {
    const text = fields[index];
    const reader = READERS.get(dataTypeID);
    read[name] = text === null || reader === undefined ? text : reader(text);
  }
  return read;
}

/** A parameter in PostgreSQL's text format. */
function written(value) {
  if (value === null) return null;
  if (Array.isArray(value)) return `{${value.map(element).join(',')}}`;
  return String(value);
}

function element(value) {
  return value === null ? 'NULL' : `"${String(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

async function answer(id, work) {
  try {
    parentPort.postMessage({ id, results: await work() });
  } catch (error) {
    parentPort.postMessage({ id, error: { message: String(error?.message ?? error), code: error?.code } });
  }
}

async function close() {
  await database.close();
  return [];
}

let turn = answer(0, open);
parentPort.on('message', (message) => {
  turn = turn.then(() => answer(message.id, message.close ? close : () => run(message.statements)));
});
