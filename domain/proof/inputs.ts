import { canonicalJson, isRecord, type Json } from '../json.js';
import { openCollector, rowsOf } from '../usage/log.js';
import type { UsageLog } from '../usage/usage.js';

/** The originals that a proof was computed from, by name. Their digests travel in the proof. */
export type ProofInputs = Readonly<Record<string, Json>>;

type Digest = (text: string) => string;

/** By the value itself: the account and its log are inputs of every draft about it, and large. */
const digested = new WeakMap<Digest, WeakMap<object, string>>();

/** Digests of the inputs' canonical text, as a proof carries them. Nobody may change an input that was digested. */
export function digestsOf(inputs: ProofInputs, digest: Digest): Record<string, string> {
  const known = digested.get(digest) ?? new WeakMap<object, string>();
  digested.set(digest, known);
  const digestOf = (value: Json): string => {
    if (typeof value !== 'object' || value === null) return digest(canonicalJson(value));
    const found = known.get(value) ?? digest(canonicalJson(value));
    known.set(value, found);
    return found;
  };
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, digestOf(value)]));
}

const usageInputs = new WeakMap<UsageLog, Json>();

/** A usage log as an input: its rows, and how many records could not be read. */
export function usageInput(log: UsageLog): Json {
  const known = usageInputs.get(log);
  if (known !== undefined) return known;
  const input = { rows: rowsOf(log), malformed: log.malformed } as unknown as Json;
  usageInputs.set(log, input);
  return input;
}

/** The log of a usage input; undefined when it is none. */
export function logOfInput(input: unknown): UsageLog | undefined {
  if (!isRecord(input)) return undefined;
  const { rows, malformed } = input;
  if (
    !Array.isArray(rows) ||
    typeof malformed !== 'number' ||
    !Number.isSafeInteger(malformed) ||
    malformed < 0
  ) {
    return undefined;
  }
  const collector = openCollector();
  for (const row of rows) collector.add(row);
  const log = collector.log();
  return { ...log, malformed: log.malformed + malformed, total: log.total + malformed };
}

/**
 * What does not fit between a proof's digests and the inputs at hand, as a sentence; undefined when each of the
 * wanted inputs is there, is named by the proof, and has the digest that the proof says.
 */
export function inputFault(
  digests: Readonly<Record<string, unknown>>,
  inputs: Readonly<Record<string, unknown>>,
  wanted: readonly string[],
  digest: (text: string) => string,
): string | undefined {
  for (const name of wanted) {
    if (!Object.hasOwn(inputs, name))
      return `the input ${name} is missing; pass everything that the proof names`;
    if (!Object.hasOwn(digests, name))
      return `the proof does not name its input ${name}, so nothing binds it`;
    if (digest(canonicalJson(inputs[name])) !== digests[name]) {
      return `the input ${name} is not the one that the proof was computed from`;
    }
  }
  return undefined;
}
