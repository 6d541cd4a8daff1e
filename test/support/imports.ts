import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from '@swc/core';

/** One import statement, `export … from`, `import()` or `require()` of a source file. */
export interface Import {
  /** File that imports, from the root of the checkout, with forward slashes. */
  from: string;
  /** What is imported: a file from the root (`domain/json.ts`), `node:fs`, or a package (`@temporalio/client`). */
  to: string;
  /** `type` vanishes when compiled; everything else loads the module, `import { type X }` included. */
  how: 'load' | 'type';
}

/** Stands for a specifier that is computed, so that nobody can tell what is loaded. */
export const COMPUTED = '(computed)';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SKIPPED = new Set(['node_modules', 'generated']);

/** The sources of these folders, from the root of the checkout, sorted. */
export function sourceFiles(areas: readonly string[]): readonly string[] {
  return areas.flatMap((area) => walk(area)).sort();
}

function walk(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : walk(path);
    return entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts') ? [path] : [];
  });
}

/** What the files of the checkout import. */
export function readImports(files: readonly string[]): readonly Import[] {
  return files.flatMap((file) => importsOf(file, readFileSync(join(ROOT, file), 'utf8')));
}

/** What one source imports, statically and dynamically. @throws Error when it cannot be parsed. */
export function importsOf(file: string, source: string): readonly Import[] {
  const found: Import[] = [];
  visit(parseSync(source, { syntax: 'typescript', target: 'es2022' }), (specifier, how) => {
    found.push({ from: file, to: specifier === undefined ? COMPUTED : resolve(file, specifier), how });
  });
  return found;
}

type Report = (specifier: string | undefined, how: Import['how']) => void;

/** Walks every node of a syntax tree, whatever its shape, and reports what imports. */
function visit(node: unknown, report: Report): void {
  if (Array.isArray(node)) {
    for (const child of node) visit(child, report);
    return;
  }
  if (!isNode(node)) return;
  reportImport(node, report);
  for (const child of Object.values(node)) if (typeof child === 'object') visit(child, report);
}

function reportImport(node: SyntaxNode, report: Report): void {
  const how = node['typeOnly'] === true || node['isTypeOnly'] === true ? 'type' : 'load';
  switch (node['type']) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      if (isNode(node['source'])) report(textOf(node['source']), how);
      return;
    case 'TsImportType':
      report(textOf(node['argument']), 'type');
      return;
    case 'TsExternalModuleReference':
      report(textOf(node['expression']), 'load');
      return;
    case 'CallExpression':
      if (loadsModule(node['callee'])) report(firstArgument(node['arguments']), 'load');
      return;
    default:
      return;
  }
}

function loadsModule(callee: unknown): boolean {
  if (!isNode(callee)) return false;
  return callee['type'] === 'Import' || (callee['type'] === 'Identifier' && callee['value'] === 'require');
}

function firstArgument(args: unknown): string | undefined {
  const first: unknown = Array.isArray(args) ? args[0] : undefined;
  return isNode(first) ? textOf(first['expression']) : undefined;
}

function textOf(node: unknown): string | undefined {
  return isNode(node) && node['type'] === 'StringLiteral' ? String(node['value']) : undefined;
}

type SyntaxNode = Record<string, unknown>;
function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null;
}

/** A relative specifier becomes the source file it means; a package loses its subpath. */
function resolve(file: string, specifier: string): string {
  if (specifier.startsWith('.')) {
    return posix.join(dirname(file), specifier).replace(/\.js$/, '.ts');
  }
  if (specifier.startsWith('node:')) return specifier;
  const [scope = '', name = ''] = specifier.split('/');
  return scope.startsWith('@') ? `${scope}/${name}` : scope;
}
