/**
 * The thread that owns the embedded database. A query blocks the thread that runs it, so it must not be the one
 * that answers people. Plain JavaScript: a worker thread starts without the loader that runs TypeScript.
 *
 * Takes `{id, do: 'query' | 'script' | 'close', text, params}`; answers `{id, rows}` or `{id, error: {message, code}}`,
 * in order. The first answer has id 0 and says that the database is open.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';

/** OID of `bigint`: our numbers are milliseconds and counts, far below 2^53. */
const INT8 = 20;

let database;

async function open() {
  database = await PGlite.create(workerData.folder, { parsers: { [INT8]: Number } });
  return [];
}

async function run(message) {
  if (message.do === 'close') {
    await database.close();
    return [];
  }
  if (message.do === 'script') {
    await database.exec(message.text);
    return [];
  }
  const { rows } = await database.query(message.text, message.params);
  return rows;
}

async function answer(id, work) {
  try {
    parentPort.postMessage({ id, rows: await work() });
  } catch (error) {
    parentPort.postMessage({ id, error: { message: String(error?.message ?? error), code: error?.code } });
  }
}

let turn = answer(0, open);
parentPort.on('message', (message) => {
  turn = turn.then(() => answer(message.id, () => run(message)));
});
