import { COMPUTED, type Import } from './imports.js';

/** Folders whose files run in the product. */
export const PRODUCT = ['domain', 'workflows', 'activities', 'runtime', 'workers', 'client', 'bin'] as const;

/** Why an import is against the rules, or undefined when it is allowed. */
export type Rule = (imported: Import) => string | undefined;

/**
 * Who may import whom, by the area that imports. `load` and `types` are patterns of what may be loaded and of what
 * else may be imported as types; packages are written with a leading `pkg:`, Node's own modules with `node:`.
 */
const TABLE: Readonly<Record<string, { load: readonly RegExp[]; types?: readonly RegExp[] }>> = {
  // `iam/` and `graph/` carry a catalogue of 15 MB: never in a bundle of workflows, hence types only there.
  domain: { load: [/^domain\//] },
  workflows: {
    load: [/^domain\/(?!iam\/|graph\/)/, /^workflows\//, /^pkg:@temporalio\/(workflow|common)$/],
    types: [/^domain\//, /^activities\/contract\.ts$/],
  },
  activities: { load: [/^domain\//, /^activities\//, /^runtime\//, /^pkg:/, /^node:/] },
  // `naming.ts` holds names only: ids, queues, search attributes. Whoever talks to Temporal needs the same ones.
  runtime: { load: [/^domain\//, /^runtime\//, /^workflows\/naming\.ts$/, /^pkg:/, /^node:/] },
  workers: {
    load: [
      /^domain\//,
      /^activities\//,
      /^runtime\//,
      /^workers\//,
      /^workflows\/naming\.ts$/,
      /^pkg:/,
      /^node:/,
    ],
    types: [/^workflows\//],
  },
  client: {
    load: [
      /^domain\//,
      /^workflows\/(naming|[a-z-]+\/messages)\.ts$/,
      /^activities\/(contract|[a-z-]+\/port|[a-z-]+\/[a-z-]+\/map|cnapp\/(maps|finding-parts|record-map|webhook[a-z-]*))\.ts$/,
      /^runtime\//,
      /^client\//,
      /^pkg:/,
      /^node:/,
    ],
    types: [/^activities\//, /^workflows\//],
  },
  bin: { load: [/./] },
  samples: {
    load: [/^domain\//, /^samples\//, /^activities\/cloud\/snapshot-store\.ts$/, /^pkg:/, /^node:/],
  },
};

/** Holds the table: areas, packages, and types that may be imported where nothing may be loaded. */
export function areaRule(imported: Import): string | undefined {
  const row = TABLE[areaOf(imported.from)];
  if (row === undefined) return undefined;
  if (imported.to === COMPUTED) return 'the specifier of an import() is computed; write it out';
  const target = nameOf(imported.to);
  if (row.load.some((pattern) => pattern.test(target))) return undefined;
  const typesToo = row.types?.some((pattern) => pattern.test(target)) === true;
  if (imported.how === 'type' && typesToo) return undefined;
  return typesToo
    ? `${areaOf(imported.from)} may only \`import type\` from ${imported.to} (\`import { type X }\` loads it)`
    : `${areaOf(imported.from)} may not import ${imported.to}`;
}

/** Holds that the verifier of proofs shares nothing with the engine that it checks, not even a type. */
export function verifierRule({ from, to }: Import): string | undefined {
  if (!from.startsWith('domain/verify/') || to.startsWith('domain/verify/')) return undefined;
  return `the verifier may not import ${to}`;
}

/** SDKs and drivers of one vendor or one technology, and the only files that may know them. */
const CONFINED: Readonly<Record<string, RegExp>> = {
  openai: /^activities\/llm\//,
  pg: /^activities\/ledger\//,
  '@electric-sql/pglite': /^activities\/ledger\//,
  '@open-policy-agent/opa-wasm': /^activities\/guardrail\//,
  'servicenow-rest-api': /^activities\/itsm\/servicenow/,
  '@temporalio/workflow': /^(workflows|client)\//,
  fastify: /^(client|bin)\//,
};

/** Keeps the SDK of a vendor in that vendor's files. */
export function packageRule({ from, to }: Import): string | undefined {
  if (!Object.hasOwn(CONFINED, to) || !isProduct(from)) return undefined;
  return CONFINED[to]?.test(from) === true ? undefined : `${to} is confined to ${String(CONFINED[to])}`;
}

/** The vendors of every kind of port: what its registry loads. `activities/llm/openai` stands for a file or a folder. */
export function vendorsOf(imports: readonly Import[]): ReadonlySet<string> {
  const shared = /\/(port|registry|activities)$/;
  const registered = imports
    .filter(
      ({ from, to, how }) => how === 'load' && from.endsWith('/registry.ts') && kindOf(from) === kindOf(to),
    )
    .filter(({ from }) => kindOf(from) !== 'ledger') // Its registry composes the store itself.
    .map(({ to }) => vendorPath(to))
    .filter((path) => !shared.test(path));
  return new Set([...registered, 'activities/ledger/pglite', 'activities/ledger/postgres']);
}

/** Holds the rules inside `activities/`: vendors know neither each other nor another kind of port. */
export function vendorRule(vendors: ReadonlySet<string>): Rule {
  return ({ from, to, how }) => {
    const target = vendorOf(to, vendors);
    if (areaOf(from) === 'bin' || areaOf(from) === 'workers') return undefined; // They compose.
    const own = vendorOf(from, vendors);
    if (
      target !== undefined &&
      own !== target &&
      isProduct(from) &&
      !(isMapper(to) && own === undefined) &&
      !isRegistry(from)
    ) {
      return `only the registry knows the vendor ${target}`;
    }
    if (areaOf(from) !== 'activities' || areaOf(to) !== 'activities') return undefined;
    const kind = kindOf(to);
    if (kind === undefined || kind === kindOf(from)) return undefined;
    if (own !== undefined) return `a vendor of ${kindOf(from)} may not import another kind (${kind})`;
    if (isRegistry(to)) return 'ports are handed in; only workers and bin open registries';
    if (kindOf(from) === 'lifecycle' || (how === 'type' && to.endsWith('/port.ts'))) return undefined;
    return `${kindOf(from)} may only import the types of ${kind}'s port.ts`;
  };
}

/** Files that a file loads, directly or through others. */
export function loadedFrom(start: string, imports: readonly Import[]): ReadonlySet<string> {
  const next = new Map<string, string[]>();
  for (const { from, to, how } of imports) {
    if (how === 'load') next.set(from, [...(next.get(from) ?? []), to]);
  }
  const seen = new Set<string>();
  const open = [start];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    open.push(...(next.get(file) ?? []));
  }
  return seen;
}

function areaOf(file: string): string {
  return file.split('/')[0] ?? '';
}
function isProduct(file: string): boolean {
  return (PRODUCT as readonly string[]).includes(areaOf(file));
}
function isRegistry(file: string): boolean {
  return file.endsWith('/registry.ts');
}
/** A pure mapper, table-tested, may be used by its kind and by the command line: it opens nothing. */
function isMapper(file: string): boolean {
  return /^activities\/[a-z-]+\/[a-z-]+\/map\.ts$/.test(file);
}
function kindOf(file: string): string | undefined {
  const [area, kind, rest] = file.split('/');
  return area === 'activities' && rest !== undefined ? kind : undefined;
}
function nameOf(to: string): string {
  return to.startsWith('node:') || /\.(ts|mjs|cjs|json)$/.test(to) ? to : `pkg:${to}`;
}
/** `activities/llm/openai.ts` and `activities/llm/openai/map.ts` are both `activities/llm/openai`. */
function vendorPath(file: string): string {
  return file.split('/').slice(0, 3).join('/').replace(/\.ts$/, '');
}
/** The vendor that a file belongs to; `openai-failure.ts` belongs to `openai`. */
function vendorOf(file: string, vendors: ReadonlySet<string>): string | undefined {
  const path = vendorPath(file);
  return [...vendors].find((vendor) => path === vendor || path.startsWith(`${vendor}-`));
}
