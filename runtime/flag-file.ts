import { createHash } from 'node:crypto';
import { type FSWatcher, readFileSync, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { FlagdCore } from '@openfeature/flagd-core';
import {
  type EvaluationContext,
  type JsonValue,
  OpenFeatureEventEmitter,
  type Provider,
  ProviderEvents,
  type ResolutionDetails,
} from '@openfeature/server-sdk';

const MAX_BYTES = 2_000_000;
const SETTLE_MS = 50;

/**
 * An OpenFeature provider over one file in flagd's format (flagd.dev, "Flag Definitions"), without a daemon.
 *
 * Every evaluation looks whether the file has changed, so that a switch counts even where the system reports no
 * changes of files. A file with faults leaves the last good set in place for display and makes `stale` true.
 */
export class FlagFile implements Provider {
  readonly metadata = { name: 'flag-file' };
  readonly runsOn = 'server';
  readonly events = new OpenFeatureEventEmitter();
  /** Why the file cannot be used at present; undefined while it can. */
  fault: string | undefined;
  /** SHA-256 of the last good file; undefined when there was none. */
  hash: string | undefined;
  readonly #path: string;
  // Targeting rules are interpreted: nothing of the file is ever compiled to code.
  readonly #core = new FlagdCore(undefined, undefined, { disableDynamicCodeGeneration: true });
  #stamp = '';
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async initialize(): Promise<void> {
    this.refresh();
    try {
      this.#watcher = watch(dirname(this.#path), (_event, name) => {
        if (name !== null && name !== basename(this.#path)) return;
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => {
          this.refresh();
        }, SETTLE_MS);
        this.#timer.unref();
      });
      this.#watcher.on('error', () => this.#watcher?.close());
      this.#watcher.unref();
    } catch {
      this.#watcher = undefined; // no folder to watch: every evaluation looks by itself
    }
  }

  async onClose(): Promise<void> {
    clearTimeout(this.#timer);
    this.#watcher?.close();
  }

  /** Reads the file again if it is another one than the last that was read. */
  refresh(): void {
    const stamp = stampOf(this.#path);
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    try {
      const text = readFileSync(this.#path, 'utf8');
      if (text.length > MAX_BYTES) throw new Error(`longer than ${MAX_BYTES} characters`);
      const flagsChanged = this.#core.setConfigurations(text);
      this.hash = createHash('sha256').update(text).digest('hex');
      this.fault = undefined;
      this.events.emit(ProviderEvents.ConfigurationChanged, { flagsChanged });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.fault = `reading the flags ${this.#path}: ${why.slice(0, 300)}; until it is mended the phase is observe`;
      this.events.emit(ProviderEvents.Stale, { message: this.fault });
    }
  }

  async resolveBooleanEvaluation(
    key: string,
    fallback: boolean,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<boolean>> {
    return this.#core.resolveBooleanEvaluation(key, fallback, context);
  }
  async resolveStringEvaluation(
    key: string,
    fallback: string,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<string>> {
    return this.#core.resolveStringEvaluation(key, fallback, context);
  }
  async resolveNumberEvaluation(
    key: string,
    fallback: number,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<number>> {
    return this.#core.resolveNumberEvaluation(key, fallback, context);
  }
  async resolveObjectEvaluation<T extends JsonValue>(
    key: string,
    fallback: T,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<T>> {
    return this.#core.resolveObjectEvaluation(key, fallback, context);
  }
}

function stampOf(path: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(path);
    return `${mtimeMs}/${size}/${ino}`;
  } catch {
    return 'absent'; // reading it reports why
  }
}
