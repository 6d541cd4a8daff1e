import { describe, expect, it } from '@jest/globals';
import {
  areaRule,
  loadedFrom,
  PRODUCT,
  packageRule,
  type Rule,
  vendorRule,
  vendorsOf,
  verifierRule,
} from './support/import-rules.js';
import { COMPUTED, type Import, importsOf, readImports, sourceFiles } from './support/imports.js';

const imports = readImports(sourceFiles([...PRODUCT, 'samples', 'bench']));
const vendors = vendorsOf(imports);
const planted = new Set([...vendors, 'activities/cnapp/wiz', 'activities/cnapp/generic']);

describe('who may import whom', () => {
  it.each<[string, Rule]>([
    ['areas import what the table allows', areaRule],
    ['SDKs stay with their vendor', packageRule],
    ['the verifier shares nothing with the engine', verifierRule],
    ['vendors know neither each other nor another kind of port', vendorRule(vendors)],
  ])('%s', (_name, rule) => {
    expect(violations(rule, imports)).toEqual([]);
  });

  it('finds the sources and the vendors at all', () => {
    expect(new Set(imports.map(({ from }) => from)).size).toBeGreaterThan(300);
    expect([...vendors]).toEqual(
      expect.arrayContaining(['activities/llm/openai', 'activities/cloud/snapshot', 'activities/itsm/inbox']),
    );
  });

  it('keeps the catalogue, Node and every package but Temporal out of the bundle of workflows', () => {
    const bundled = [...loadedFrom('workflows/index.ts', imports)];
    expect(bundled.length).toBeGreaterThan(15);
    const unwanted = bundled.filter(
      (file) => !/^(workflows|domain)\/(?!iam\/|graph\/)/.test(file) && !/^@temporalio\//.test(file),
    );
    expect(unwanted).toEqual([]);
  });
});

describe('the scan', () => {
  it.each<[source: string, to: string, how: Import['how']]>([
    ["import { a } from '../domain/json.js';", 'domain/json.ts', 'load'],
    ["import type { A } from '../domain/json.js';", 'domain/json.ts', 'type'],
    ["import { type A } from '../domain/json.js';", 'domain/json.ts', 'load'],
    ["import '../domain/json.js';", 'domain/json.ts', 'load'],
    ["export { a } from './b.js';", 'client/b.ts', 'load'],
    ["export type { A } from './b.js';", 'client/b.ts', 'type'],
    ["export * from './b.js';", 'client/b.ts', 'load'],
    ["const a = async () => { await import('./deep/b.js'); };", 'client/deep/b.ts', 'load'],
    ["type A = import('./b.js').A;", 'client/b.ts', 'type'],
    ["import a = require('./b.js');", 'client/b.ts', 'load'],
    ["const a = require('node:fs');", 'node:fs', 'load'],
    ['const a = (name: string) => import(name);', COMPUTED, 'load'],
    ['const a = (name: string) => import("./" + name);', COMPUTED, 'load'],
    ["import { a } from '@temporalio/common/lib/proto-utils.js';", '@temporalio/common', 'load'],
    ["import { a } from 'tsx/esm/api';", 'tsx', 'load'],
  ])('%s', (source, to, how) => {
    expect(importsOf('client/a.ts', source)).toEqual([{ from: 'client/a.ts', to, how }]);
  });

  it('takes no comment and no text for an import', () => {
    const source = "// import '../workflows/index.js'\nexport const text = \"import x from '../y.js'\";";
    expect(importsOf('client/a.ts', source)).toEqual([]);
  });
});

describe('planted violations are found', () => {
  it.each<[file: string, source: string, said: RegExp]>([
    ['domain/a.ts', "import { readFileSync } from 'node:fs';", /domain may not import node:fs/],
    ['domain/a.ts', "import { z } from 'zod';", /domain may not import zod/],
    ['domain/a.ts', "import type { Ledger } from '../activities/ledger/port.js';", /domain may not import/],
    ['workflows/a.ts', "import { z } from 'zod';", /workflows may not import zod/],
    ['workflows/a.ts', "import { createHash } from 'node:crypto';", /may not import node:crypto/],
    ['workflows/a.ts', "import { type Activities } from '../activities/contract.js';", /only `import type`/],
    ['workflows/a.ts', "import { evaluate } from '../domain/iam/evaluate.js';", /only `import type`/],
    ['workflows/a.ts', "import type { Ledger } from '../activities/ledger/port.js';", /may not import/],
    ['activities/a.ts', "import { createStarter } from '../client/starter.js';", /may not import client/],
    ['activities/a.ts', "import { runWorkers } from '../workers/run.js';", /may not import workers/],
    ['runtime/a.ts', "import { openai } from '../activities/llm/openai.js';", /runtime may not import/],
    ['runtime/a.ts', "import { findingLifecycle } from '../workflows/index.js';", /runtime may not import/],
    ['workers/a.ts', "import { findingLifecycle } from '../workflows/index.js';", /only `import type`/],
    ['client/a.ts', "import { openLedger } from '../activities/ledger/registry.js';", /only `import type`/],
    ['client/a.ts', "const a = async () => import('../workers/run.js');", /client may not import/],
    ['client/a.ts', 'const a = (name: string) => import(name);', /computed/],
    ['client/a.ts', "import { Pool } from 'pg';", /pg is confined/],
    ['client/a.ts', "import OpenAI from 'openai';", /openai is confined/],
    ['activities/llm/openai.ts', "import { offline } from './offline.js';", /only the registry knows/],
    ['activities/llm/openai-failure.ts', "import type { Ledger } from '../ledger/port.js';", /another kind/],
    ['activities/llm/explain.ts', "import { offline } from './offline.js';", /only the registry knows/],
    [
      'activities/llm/explain.ts',
      "import { openLedger } from '../ledger/registry.js';",
      /ports are handed in/,
    ],
    ['activities/llm/explain.ts', "import { fold } from '../itsm/fold.js';", /only import the types/],
    ['activities/cnapp/generic/map.ts', "import { a } from '../wiz/map.js';", /only the registry knows/],
    ['activities/lifecycle/ask.ts', "import { inbox } from '../itsm/inbox.js';", /only the registry knows/],
    ['samples/a.ts', "import { createStarter } from '../client/starter.js';", /samples may not import/],
    ['domain/verify/a.ts', "import type { A } from '../iam/document.js';", /verifier may not import/],
    ['domain/verify/a.ts', "import { isRecord } from '../json.js';", /verifier may not import/],
  ])('%s: %s', (file, source, said) => {
    const rules = [areaRule, packageRule, vendorRule(planted), verifierRule];
    const found = rules.flatMap((rule) => violations(rule, importsOf(file, source)));
    expect(found.join('\n')).toMatch(said);
  });
});

function violations(rule: Rule, of: readonly Import[]): readonly string[] {
  return of.flatMap((imported) => {
    const objection = rule(imported);
    return objection === undefined ? [] : [`${imported.from}: ${objection}`];
  });
}
