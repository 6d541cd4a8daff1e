import { setTimeout as delay } from 'node:timers/promises';

/** How long one part may take to stop before the next one is stopped all the same. */
const PATIENCE_MS = 20_000;

/** Things to stop, last started first. One that fails to stop does not keep the others alive. */
export class StopStack {
  readonly #stops: (() => unknown)[] = [];
  add(stop: () => unknown): void {
    this.#stops.push(stop);
  }
  /** @throws AggregateError when some did not stop cleanly. */
  async stop(): Promise<void> {
    const faults: unknown[] = [];
    for (let stop = this.#stops.pop(); stop !== undefined; stop = this.#stops.pop()) {
      try {
        await Promise.race([stop(), delay(PATIENCE_MS, undefined, { ref: false })]);
      } catch (error) {
        faults.push(error);
      }
    }
    if (faults.length > 0) throw new AggregateError(faults, 'stopping: some parts did not stop cleanly');
  }
}
