import {
  ANY,
  folded,
  isStar,
  isVariable,
  one,
  type Pattern,
  sketch,
  star,
  type Union,
  units,
  variable,
} from './language.js';
import { Refusal } from './values.js';

/** Numbers of policy variables by name; `on` is false where `${…}` is plain text (version 2008-10-17). */
export interface Variables {
  on: boolean;
  numbers: Map<string, number>;
}

function numbered(name: string, { numbers }: Variables, mask = 0): number {
  const number = numbers.get(name) ?? numbers.size;
  numbers.set(name, number);
  return variable(number, mask);
}

/** A pattern that may mean anything, but the same wherever it stands. */
export const opaque = (text: string, variables: Variables): Pattern => [numbered(`!${text}`, variables)];

const PIECE = /\$\{[^}]*\}|[\s\S]/g;
const INSIDE = /^\$\{([^,}]+?)\s*(?:,\s*'([^']*)')?\s*\}$/;

/** The tokens of a text. `wild` is false where `*` and `?` are themselves; `mask` is what wildcards exclude. */
export function lex(text: string, variables: Variables, wild = true, mask = 0): Pattern {
  const out: number[] = [];
  for (const piece of text.match(variables.on ? PIECE : /[\s\S]/g) ?? []) {
    const [, key = '', fallback] = INSIDE.exec(piece) ?? [];
    if (wild && piece === '?') out.splice(isStar(out.at(-1) ?? 0) ? -1 : out.length, 0, one(mask));
    else if (wild && piece === '*') out.push(...(isStar(out.at(-1) ?? 0) ? [] : [star(mask)]));
    else if (/^[*?$]$/.test(key)) out.push(...units(key));
    else if (piece.length > 1 && key.trim() === '')
      throw new Refusal(`${piece.slice(0, 60)} is no policy variable`);
    else if (piece.length === 1) out.push(...units(piece));
    else out.push(numbered([key.trim().toLowerCase(), fallback ?? []].flat().join(), variables, mask));
  }
  return out;
}

/** Keys of the variables without a default in some texts, in order. */
export function neededKeys(texts: readonly string[]): readonly string[] {
  const found = texts.flatMap((text) => text.match(PIECE) ?? []).map((piece) => INSIDE.exec(piece));
  const keys = found.flatMap((match) =>
    match === null || match[2] !== undefined ? [] : (match[1] ?? '').trim().toLowerCase(),
  );
  return [...new Set(keys)].filter((key) => !/^[*?$]?$/.test(key));
}

/** The six fields of an ARN pattern, a colon within a variable being no separator. */
function fieldsOf(text: string, { on }: Variables): readonly string[] {
  const fields = [''];
  for (const piece of text.match(on ? PIECE : /[\s\S]/g) ?? []) {
    if (piece === ':' && fields.length < 6) fields.push('');
    else fields.push(`${fields.pop()}${piece}`);
  }
  return fields;
}

function lexFields(fields: readonly string[], variables: Variables): Pattern {
  return fields.flatMap((field, i) => [
    ...(i > 0 ? [58] : []),
    ...lex(field, variables, true, i < 5 ? 1 : 0),
  ]);
}

/** A pattern of a resource element; fields that are not there are `*`. */
export function lexResource(text: string, arns: string, variables: Variables): Pattern {
  if (/^\*+$/.test(text)) return ANY;
  if (arns === 'string') return lex(text, variables);
  const written = text.startsWith('execute-api:/') ? `arn:*:execute-api:*:*:*${text.slice(12)}` : text;
  return lexFields([...fieldsOf(written, variables), '*', '*', '*', '*', '*'].slice(0, 6), variables);
}

/** The patterns of one value of a string, ARN or Boolean operator in lower case. */
export function lexValue(operator: string, text: string, variables: Variables): Union {
  if (operator === 'bool') return /^(true|false)$/i.test(text) ? [folded(text)] : [];
  if (operator.startsWith('arn')) return lexArn(text, variables);
  const exact = lex(
    text,
    operator.startsWith('binary') ? { ...variables, on: false } : variables,
    operator.endsWith('like'),
  );
  if (!operator.endsWith('ignorecase')) return [exact];
  const isPlain = exact.every((token) => token > 0 && token < 128);
  return [isPlain ? folded(String.fromCharCode(...exact)) : opaque(`fold ${text}`, variables)];
}

function lexArn(text: string, variables: Variables): Union {
  if (/^\*+$/.test(text)) return [sketch('arn:+:+:+:+:*')];
  const fields = fieldsOf(text, variables);
  // A variable may hold a colon and so move the fields behind it; a first field with wildcards is left alone.
  const early = lexFields(fields.length < 6 ? fields : fields.slice(0, 5), variables);
  if (early.some(isVariable)) return [opaque(`arn ${text}`, variables)];
  if (fields.length < 6 || (fields[0] !== 'arn' && !/[*?]/.test(fields[0] ?? ''))) return [];
  return [fields[0] === 'arn' ? lexFields(fields, variables) : opaque(`arn ${text}`, variables)];
}
