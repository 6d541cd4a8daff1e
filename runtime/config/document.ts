import { type Document, isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { ConfigError, type ConfigFault } from './faults.js';

/** A place in a file, counted from 1. */
export interface Place {
  line: number;
  column: number;
}

/** A YAML file that was read: its value, and where every part of it stands. */
export interface YamlText {
  file: string;
  value: unknown;
  /** Where the value at `path` stands; the nearest enclosing one when the path leads nowhere. */
  locate(path: readonly PropertyKey[]): Place;
  /** Where the key at the end of `path` stands, rather than its value. */
  locateKey(path: readonly PropertyKey[]): Place;
}

const MAX_CHARACTERS = 2_000_000;
const MAX_ALIASES = 100;
const CLOUD_ACCOUNT = /^\d{12}$/;

/**
 * Reads YAML 1.2 strictly: duplicate keys and unknown tags are faults, aliases are bounded.
 * Twelve digits stay text, so that an account id keeps its leading zero without quotes.
 * @throws ConfigError with every syntax fault and its place.
 */
export function readYaml(text: string, file: string): YamlText {
  if (text.length > MAX_CHARACTERS) {
    throw new ConfigError([
      {
        file,
        line: 1,
        column: 1,
        path: '',
        message: `the file is longer than ${MAX_CHARACTERS} characters`,
        mend: 'split it',
      },
    ]);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const faults = [...document.errors, ...document.warnings].map((problem): ConfigFault => {
    const { line, col } = lines.linePos(problem.pos[0]);
    return { file, line, column: col, path: '', message: problem.message, mend: mendOfSyntax(problem.code) };
  });
  if (faults.length > 0) throw new ConfigError(faults);
  keepAccountIds(document);
  return {
    file,
    value: toValue(document, file),
    locate: (path) => locate(document, lines, path),
    locateKey: (path) => locateKey(document, lines, path),
  };
}

function toValue(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES }) ?? {};
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ConfigError([{ file, line: 1, column: 1, path: '', message, mend: 'use fewer aliases' }]);
  }
}

function keepAccountIds(document: Document): void {
  visit(document, {
    Scalar: (_key, node) => {
      if (typeof node.value === 'number' && node.source !== undefined && CLOUD_ACCOUNT.test(node.source)) {
        node.value = node.source;
      }
    },
  });
}

function locate(document: Document, lines: LineCounter, path: readonly PropertyKey[]): Place {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    const range = rangeOf(node);
    if (range === undefined) continue;
    const { line, col } = lines.linePos(range);
    return { line, column: col };
  }
  return { line: 1, column: 1 };
}

function locateKey(document: Document, lines: LineCounter, path: readonly PropertyKey[]): Place {
  const map = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const last = path.at(-1);
  const pair = isMap(map)
    ? map.items.find(({ key }) => isScalar(key) && String(key.value) === String(last))
    : undefined;
  const range = rangeOf(pair?.key);
  if (range === undefined) return locate(document, lines, path);
  const { line, col } = lines.linePos(range);
  return { line, column: col };
}

function rangeOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node)) return undefined;
  return Array.isArray(node.range) && typeof node.range[0] === 'number' ? node.range[0] : undefined;
}

function mendOfSyntax(code: string): string {
  if (code === 'DUPLICATE_KEY') return 'keep one of the two';
  if (code === 'TAB_AS_INDENT') return 'indent with spaces';
  if (code === 'BAD_INDENT' || code === 'BLOCK_AS_IMPLICIT_KEY') return 'indent like the lines around it';
  if (code === 'TAG_RESOLVE_FAILED') return 'remove the tag';
  return 'correct the YAML here';
}
