import { createHash } from 'node:crypto';

/** How a product knows the ticket of a key: 32 letters, digits and dashes, which every product takes as they are. */
export function reference(key: string): string {
  return `curtail-${digest(key, 24)}`;
}

/** What ends each text of ours in a product, so that it is found again and never taken for a person's. */
export function mark(key: string): string {
  return `[curtail c-${digest(key, 12)}]`;
}

/** Whether a text carries a mark of ours, whichever. */
export function isMarked(text: string): boolean {
  return /\[curtail c-[0-9a-f]{12}\]/.test(text);
}

function digest(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}

/** Runs work of the same key once at a time within this process: who comes while it runs gets the same result. */
export function sharing<T>(): (key: string, work: () => Promise<T>) => Promise<T> {
  const running = new Map<string, Promise<T>>();
  return (key, work) => {
    const known = running.get(key);
    if (known !== undefined) return known;
    const result = work().finally(() => running.delete(key));
    running.set(key, result);
    return result;
  };
}
