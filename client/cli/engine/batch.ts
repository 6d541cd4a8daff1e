import type { Writable } from 'node:stream';
import { PolicyError } from '../../../domain/iam/document.js';
import { parseStrictJson } from '../../../domain/iam/strict-json.js';
import { isRecord } from '../../../domain/json.js';
import type { EngineCommand } from './commands.js';
import type { DefinedPolicies } from './input.js';
import { type Line, readLines } from './lines.js';

/** Longest line (or single document) that is read, in bytes. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024;
/** Most names that one batch may define. */
const MAX_DEFINED = 10_000;
/** Answers are gathered up to this many characters before they are written. */
const FLUSH_CHARS = 64 * 1024;

/** 0 success, 1 a no, 2 wrong usage, 3 something broke. */
export type ExitCode = 0 | 1 | 2 | 3;

/** How a command's lines are read and answered. */
export interface RunOptions {
  command: EngineCommand;
  /** JSON Lines: one answer per line, in order; a bad line is answered with its error and the stream goes on. */
  batch: boolean;
  /** One line of JSON for programs; otherwise a single answer is indented for people. */
  json: boolean;
  input: AsyncIterable<Buffer | string>;
  output: Writable;
  /** Reads the one document from elsewhere; undefined when it stands on the input after all. */
  document?: () => Promise<unknown>;
}

/** Answers what stands on the input; resolves to the exit code when everything is written. */
export async function runCommand(options: RunOptions): Promise<ExitCode> {
  return options.batch ? runBatch(options) : runSingle(options);
}

async function runBatch({ command, input, output }: RunOptions): Promise<ExitCode> {
  const defined = new Map<string, DefinedPolicies>();
  for await (const lines of readLines(input, MAX_LINE_BYTES)) {
    let pending = '';
    for (const line of lines) {
      const given = answerLine(line, command, defined, true);
      const { answer } = given instanceof Promise ? await given : given;
      pending += `${JSON.stringify(answer)}\n`;
      if (pending.length < FLUSH_CHARS) continue;
      await write(output, pending);
      pending = '';
    }
    // Before waiting for more: whoever writes a line at a time waits for its answer first.
    await write(output, pending);
  }
  return 0;
}

async function runSingle({ command, json, input, output, document }: RunOptions): Promise<ExitCode> {
  const { answer, outcome } =
    (await answerDocument(command, document)) ??
    (await answerLine(await readWhole(input), command, new Map(), false));
  await write(output, `${JSON.stringify(answer, null, json ? undefined : 2)}\n`);
  if (outcome === 'broke') return 3;
  if (outcome === 'refused') return 2;
  return command.isNo?.(answer) === true ? 1 : 0;
}

async function answerDocument(
  command: EngineCommand,
  read: RunOptions['document'],
): Promise<Given | undefined> {
  let id: unknown;
  try {
    const value = await read?.();
    if (value === undefined) return undefined;
    if (isRecord(value)) id = value['id'];
    return { answer: withId(id, await command.run(value, new Map())), outcome: 'answered' };
  } catch (error) {
    return failed(error, id);
  }
}

async function readWhole(input: AsyncIterable<Buffer | string>): Promise<Line> {
  const pieces: Buffer[] = [];
  let held = 0;
  for await (const chunk of input) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    held += bytes.length;
    if (held > MAX_LINE_BYTES) return { tooLong: true };
    pieces.push(bytes);
  }
  return { bytes: Buffer.concat(pieces) };
}

interface Given {
  answer: unknown;
  /** `refused`: the line was bad. `broke`: the engine failed on it. */
  outcome: 'answered' | 'refused' | 'broke';
}

/** Answers without a promise where it can, which a batch of 100,000 lines a second needs. */
function answerLine(
  line: Line,
  command: EngineCommand,
  defined: Map<string, DefinedPolicies>,
  batch: boolean,
): Given | Promise<Given> {
  let id: unknown;
  try {
    const value = parseLine(line);
    if (isRecord(value)) id = value['id'];
    if (batch && isRecord(value) && 'define' in value)
      return { answer: withId(id, define(value, defined)), outcome: 'answered' };
    const result = command.run(resolveUse(value, defined), defined);
    if (!(result instanceof Promise)) return { answer: withId(id, result), outcome: 'answered' };
    return result.then(
      (answer): Given => ({ answer: withId(id, answer), outcome: 'answered' }),
      (error: unknown) => failed(error, id),
    );
  } catch (error) {
    return failed(error, id ?? recoverId(line));
  }
}

function parseLine(line: Line): unknown {
  if ('tooLong' in line) {
    const mend = `longer than ${MAX_LINE_BYTES / 1024 / 1024} MB; split it`;
    throw new PolicyError('LineTooLong', '', mend);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(line.bytes);
  } catch {
    throw new PolicyError('InvalidJson', '', 'not UTF-8; encode the input as UTF-8');
  }
  const value = parseStrictJson(text);
  if (isRecord(value)) return value;
  throw new PolicyError('InvalidInput', '', 'each input is a JSON object; pass one');
}

function define(value: Record<string, unknown>, defined: Map<string, DefinedPolicies>): { defined: string } {
  const name = value['define'];
  if (typeof name !== 'string' || name === '' || name.length > 256) {
    throw new PolicyError('InvalidInput', '/define', 'a name is a string of 1 to 256 characters');
  }
  if (value['policies'] === undefined)
    throw new PolicyError('InvalidInput', '', 'a definition needs "policies"; add them');
  if (!defined.has(name) && defined.size >= MAX_DEFINED) {
    throw new PolicyError('InvalidInput', '/define', `more than ${MAX_DEFINED} names; reuse one`);
  }
  defined.set(name, { policies: value['policies'], parsed: new Map() });
  return { defined: name };
}

/** Refuses a name that no earlier line defined; the command itself looks the policies up. */
function resolveUse(value: unknown, defined: ReadonlyMap<string, DefinedPolicies>): unknown {
  if (!isRecord(value) || value['use'] === undefined) return value;
  const name = value['use'];
  if (typeof name === 'string' && defined.has(name)) return value;
  throw new PolicyError(
    'UnknownName',
    '/use',
    'no earlier line of this batch defined that name; define it first',
  );
}

function withId(id: unknown, answer: unknown): unknown {
  return id === undefined || !isRecord(answer) ? answer : { id, ...answer };
}

function failed(error: unknown, id: unknown): Given {
  const shown = id ?? null;
  if (!(error instanceof Error) || !('type' in error) || typeof error.type !== 'string') {
    const message = `the engine failed on this input (${error instanceof Error ? error.message : String(error)}); report it with the input`;
    return { answer: { id: shown, error: { type: 'Internal', message } }, outcome: 'broke' };
  }
  const pointer =
    'pointer' in error && typeof error.pointer === 'string' && error.pointer !== ''
      ? { pointer: error.pointer }
      : {};
  return {
    answer: { id: shown, error: { type: error.type, message: error.message, ...pointer } },
    outcome: 'refused',
  };
}

/** The id of a line that the strict reader refused, e.g. for a key that is there twice, if a lenient one finds it. */
function recoverId(line: Line): unknown {
  if ('tooLong' in line) return null;
  try {
    const value: unknown = JSON.parse(line.bytes.toString('utf8'));
    return isRecord(value) ? (value['id'] ?? null) : null;
  } catch {
    return null;
  }
}

async function write(output: Writable, text: string): Promise<void> {
  if (text === '') return;
  await new Promise<void>((resolve, reject) => {
    output.write(text, (error) => (error == null ? resolve() : reject(error)));
  });
}
