import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Failure, FailureType } from '../../domain/failure.js';
import { Held, type ProcessLock, takeLock } from '../../runtime/process-lock.js';
import { runTransaction, type Send, type Sql, type SqlParam, type Statement } from './sql.js';
import { sqlFailure } from './sql-failure.js';

type Request = { statements: readonly Statement[] } | { close: true };
type Results = readonly unknown[][];
interface Answer {
  id: number;
  results?: Results;
  error?: { message: string; code?: string };
}
interface Waiting {
  resolve: (results: Results) => void;
  reject: (error: Error) => void;
}

/** The worker thread as a function from request to the rows of each statement. */
interface Thread {
  ready: Promise<Results>;
  ask(request: Request): Promise<Results>;
  stop(): Promise<void>;
}

/**
 * Opens the embedded database in `folder`, creating it on first use. One process owns it, by a lock file:
 * two processes on one PGlite folder diverge without an error and may leave it unreadable (measured).
 * Transactions run one after another: the engine has a single session.
 *
 * @throws Failure `ledger.unavailable` when another process has it.
 */
export async function openPglite(options: { folder: string; now?: () => number }): Promise<Sql> {
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  const lock = await own(options.folder, options.now ?? Date.now);
  let thread: Thread;
  try {
    thread = await openThread(join(options.folder, 'pglite'));
  } catch (error) {
    await lock.release();
    throw error;
  }
  return serialised(thread, async () => {
    try {
      await thread.ask({ close: true });
    } finally {
      await thread.stop();
      await lock.release();
    }
  });
}

/**
 * A thread that has the database open. One that creates it is ended before another opens it: what creating takes, some
 * 350 MB, would stay with its thread for as long as that lives (measured; opening again takes half a second).
 */
async function openThread(folder: string): Promise<Thread> {
  if (!existsSync(join(folder, 'PG_VERSION'))) {
    const creating = await ready(startThread(folder));
    await creating.ask({ close: true });
    await creating.stop();
  }
  return ready(startThread(folder));
}

async function ready(thread: Thread): Promise<Thread> {
  try {
    await thread.ready;
    return thread;
  } catch (error) {
    await thread.stop();
    throw error;
  }
}

/** @throws Failure `ledger.unavailable` naming the living owner */
async function own(folder: string, now: () => number): Promise<ProcessLock> {
  const what = `the ledger in ${folder}`;
  try {
    return await takeLock(join(folder, 'ledger.lock'), what, { now });
  } catch (error) {
    if (!(error instanceof Held)) throw error;
    const by = error.holder;
    throw new Failure(
      FailureType.LedgerUnavailable,
      by === undefined
        ? error.message
        : `${what} is in use by process ${by.pid} on ${by.host}: stop that one, ` +
            'or set DATABASE_URL so that several processes can share a PostgreSQL server',
      { cause: error },
    );
  }
}

/** One statement or one whole transaction at a time, in the order of the calls. */
function serialised(thread: Thread, shutDown: () => Promise<void>): Sql {
  let tail: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | undefined;
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = tail.then(work);
    tail = result.catch(() => undefined);
    return result;
  }
  function refuseWhenClosed(): void {
    if (closing !== undefined) throw new Failure(FailureType.LedgerUnavailable, 'ledger: it is closed');
  }
  return {
    async query<Row>(text: string, params: readonly SqlParam[] = []) {
      refuseWhenClosed();
      const [rows] = await inTurn(() => thread.ask({ statements: [{ text, params }] }));
      return rows as Row[];
    },
    async script(text) {
      refuseWhenClosed();
      await inTurn(() => thread.ask({ statements: [{ text }] }));
    },
    async transaction(work, last) {
      refuseWhenClosed();
      return inTurn(() => inTransaction(thread, work, last));
    },
    close() {
      closing ??= inTurn(shutDown);
      return closing;
    },
  };
}

async function inTransaction<T>(
  thread: Thread,
  work: (sql: Sql) => Promise<T>,
  last: Statement | undefined,
): Promise<T> {
  const send: Send = (statements) => thread.ask({ statements });
  try {
    return await runTransaction(send, work, last);
  } catch (error) {
    // A session that cannot roll back must not serve the next caller.
    await send([{ text: 'ROLLBACK' }]).catch(() => thread.stop());
    throw error;
  }
}

function startThread(folder: string): Thread {
  // Without the parent's loader flags: the worker is plain JavaScript and starts faster so.
  const worker = new Worker(new URL('./pglite-worker.mjs', import.meta.url), {
    workerData: { folder },
    execArgv: [],
    env: {},
  });
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let gone: Error | undefined;
  function fail(error: Error): void {
    gone ??= error;
    for (const { reject } of waiting.values()) reject(gone);
    waiting.clear();
  }
  worker.on('message', (answer: Answer) => {
    const caller = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (answer.error !== undefined) caller?.reject(sqlFailure(databaseError(answer.error)));
    if (answer.results !== undefined) caller?.resolve(answer.results);
    if (waiting.size === 0) worker.unref();
  });
  worker.on('error', (error) => fail(unavailable(`its thread failed: ${error.message}`)));
  worker.on('exit', (code) =>
    fail(unavailable(`its thread ended with code ${code}; start the process again`)),
  );

  function expect(id: number): Promise<Results> {
    worker.ref();
    return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  }
  return {
    ready: expect(0),
    async ask(request) {
      if (gone !== undefined) throw gone;
      lastId += 1;
      const answer = expect(lastId);
      worker.postMessage({ id: lastId, ...request });
      return answer;
    },
    async stop() {
      await worker.terminate();
    },
  };
}

function unavailable(what: string): Failure {
  return new Failure(FailureType.LedgerUnavailable, `ledger: the embedded database is gone: ${what}`);
}

function databaseError(error: { message: string; code?: string }): Error {
  return Object.assign(new Error(error.message), error.code === undefined ? {} : { code: error.code });
}
