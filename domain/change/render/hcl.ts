import { isRecord, type Json } from '../../json.js';

/** A value of an HCL argument: a literal, a document that becomes `jsonencode(…)`, or a reference written as is. */
export type HclValue = { literal: Json } | { document: Json } | { reference: string };

/** One block of Terraform's language: `type "label" { … }`. */
export interface HclBlock {
  /** Sentences above the block, one line each. */
  comments?: readonly string[];
  type: string;
  labels: readonly string[];
  arguments?: readonly (readonly [name: string, value: HclValue])[];
  blocks?: readonly HclBlock[];
}

/** Blocks as text, in `terraform fmt`'s layout. https://developer.hashicorp.com/terraform/language/syntax/configuration */
export function writeHcl(blocks: readonly HclBlock[]): string {
  return `${blocks.map((block) => writeBlock(block, 0)).join('\n\n')}\n`;
}

function writeBlock(block: HclBlock, depth: number): string {
  const pad = '  '.repeat(depth);
  const comments = (block.comments ?? []).map((line) => `${pad}# ${oneLine(line)}\n`).join('');
  const head = [block.type, ...block.labels.map(quote)].join(' ');
  const members = (block.arguments ?? []).map(([name, value]) => ({
    key: name,
    text: writeValue(value, depth + 1),
  }));
  const lines = align(members).map((line) => `${pad}  ${line}\n`);
  const nested = (block.blocks ?? []).map((inner) => `${writeBlock(inner, depth + 1)}\n`);
  const gap = lines.length > 0 && nested.length > 0 ? '\n' : '';
  if (lines.length + nested.length === 0) return `${comments}${pad}${head} {}`;
  return `${comments}${pad}${head} {\n${lines.join('')}${gap}${nested.join('\n')}${pad}}`;
}

function writeValue(value: HclValue, depth: number): string {
  if ('reference' in value) return value.reference;
  if ('document' in value) return `jsonencode(${writeJson(value.document, depth)})`;
  return writeJson(value.literal, depth);
}

function writeJson(value: Json, depth: number): string {
  if (typeof value === 'string') return quote(value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const pad = '  '.repeat(depth);
  if (!isRecord(value)) {
    const items = value as readonly Json[];
    if (items.length === 0) return '[]';
    if (items.length === 1 && typeof items[0] !== 'object') return `[${writeJson(items[0] ?? null, depth)}]`;
    return `[\n${items.map((item) => `${pad}  ${writeJson(item, depth + 1)},\n`).join('')}${pad}]`;
  }
  const members = Object.entries(value as Readonly<Record<string, Json>>).map(([key, member]) => ({
    key: /^[A-Za-z_][A-Za-z0-9_-]*$/.test(key) ? key : quote(key),
    text: writeJson(member, depth + 1),
  }));
  if (members.length === 0) return '{}';
  const lines = align(members).map((line) => `${pad}  ${line}\n`);
  return `{\n${lines.join('')}${pad}}`;
}

// As `terraform fmt` aligns: the equals signs of neighbouring one-line members; a longer member stands apart.
function align(members: readonly { key: string; text: string }[]): string[] {
  const isLong = (member: { text: string } | undefined): boolean => member?.text.includes('\n') === true;
  return members.map((member, index) => {
    if (isLong(member)) return `${member.key} = ${member.text}`;
    let first = index;
    while (first > 0 && !isLong(members[first - 1])) first -= 1;
    let end = index + 1;
    while (end < members.length && !isLong(members[end])) end += 1;
    const width = Math.max(...members.slice(first, end).map(({ key }) => key.length));
    return `${member.key.padEnd(width)} = ${member.text}`;
  });
}

/** A quoted string; `${` and `%{` are doubled, since an IAM policy variable is no Terraform template. */
function quote(text: string): string {
  // Of JSON's escapes HCL knows all but \b, \f and \/.
  const json = JSON.stringify(text).replaceAll(/\\(.)/g, (sequence, letter: string) => {
    if (letter === 'b') return '\\u0008';
    return letter === 'f' ? '\\u000c' : sequence;
  });
  return json.replaceAll(/[$%]\{/g, (template) => `${template.charAt(0)}${template}`);
}

function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}
