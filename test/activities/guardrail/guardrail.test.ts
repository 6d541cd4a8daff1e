import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { AdapterDeps } from '../../../activities/adapter.js';
import { readFreezes, readNeverTouch } from '../../../activities/guardrail/lists.js';
import type { Guardrail, GuardrailInput } from '../../../activities/guardrail/port.js';
import { guardrailAdapters } from '../../../activities/guardrail/registry.js';
import { Secret } from '../../../runtime/secret.js';

const POLICIES = fileURLToPath(new URL('../../../policies', import.meta.url));
const deps: AdapterDeps = {
  log: () => undefined,
  now: () => 0,
  fetch: globalThis.fetch,
  resolveSecret: async () => new Secret('opa-token'),
  folder: POLICIES,
};

interface Case {
  name: string;
  input: GuardrailInput;
  reason?: string;
  policySet?: string;
}

function cases(kind: 'allow' | 'deny'): [string, Case][] {
  const folder = join(POLICIES, 'cases', kind);
  return readdirSync(folder)
    .sort()
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Case)
    .map((each) => [each.name, each]);
}

describe('the policies', () => {
  let guardrail: Guardrail;
  beforeAll(async () => {
    guardrail = await guardrailAdapters.embedded.open({ adapter: 'embedded' }, deps);
  });

  it.each(cases('allow'))('allow %s', async (_name, { input, policySet }) => {
    expect(await guardrail.decide(input)).toEqual({
      allow: true,
      reasons: [],
      policySet,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it.each(cases('deny'))('deny %s', async (_name, { input, reason }) => {
    const verdict = await guardrail.decide(input);
    expect(verdict.allow).toBe(false);
    expect(verdict.reasons.join('; ')).toContain(reason);
  });

  it('answer the same after thousands of decisions', async () => {
    const [, first] = cases('allow')[0] ?? [];
    const input = first?.input as GuardrailInput;
    const answers = new Set<string>();
    for (let turn = 0; turn < 3_000; turn += 1) answers.add(JSON.stringify(await guardrail.decide(input)));
    expect(answers.size).toBe(1);
  });
});

describe('the compiled policies', () => {
  const folders: string[] = [];
  function copy(): string {
    const folder = mkdtempSync(join(tmpdir(), 'curtail-policies-'));
    folders.push(folder);
    cpSync(POLICIES, folder, { recursive: true });
    return folder;
  }
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });
  const open = (folder: string) => guardrailAdapters.embedded.open({ adapter: 'embedded', folder }, deps);

  it('are opened from a folder of the organisation', async () => {
    await expect(open(copy())).resolves.toBeDefined();
  });
  it('are refused when a source has changed since', async () => {
    const folder = copy();
    writeFileSync(join(folder, 'base.rego'), 'package curtail.base\n');
    await expect(open(folder)).rejects.toThrow(/has changed since it was compiled/);
  });
  it('are refused when a source was added', async () => {
    const folder = copy();
    writeFileSync(join(folder, 'sets', 'extra.rego'), 'package curtail.sets.extra\n');
    await expect(open(folder)).rejects.toThrow(/has changed since it was compiled/);
  });
  it('are refused when the WebAssembly is another', async () => {
    const folder = copy();
    const file = join(folder, 'compiled', 'guardrails.wasm');
    writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.from([0])]));
    await expect(open(folder)).rejects.toThrow(/not the file that was recorded/);
  });
  it('are refused when they are missing', async () => {
    const folder = copy();
    rmSync(join(folder, 'compiled'), { recursive: true });
    await expect(open(folder)).rejects.toThrow(/no compiled form/);
  });
});

describe('an OPA server', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.close();
  });
  async function serve(status: number, body: string): Promise<{ guardrail: Guardrail; seen: string[] }> {
    const seen: string[] = [];
    server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    return {
      seen,
      guardrail: await guardrailAdapters.opa.open({ adapter: 'opa', url, token: 'env:OPA' }, deps),
    };
  }
  const input = cases('allow')[0]?.[1].input as GuardrailInput;

  it('is asked with the token, and named by the revision of its bundle', async () => {
    const answer = {
      result: { allow: true, reasons: [], policySet: 'acme' },
      provenance: { bundles: { main: { revision: 'r7' } } },
    };
    const { guardrail, seen } = await serve(200, JSON.stringify(answer));
    expect(await guardrail.decide(input)).toEqual({
      allow: true,
      reasons: [],
      policySet: 'acme',
      digest: 'opa:main@r7',
    });
    expect(seen).toEqual(['POST /v1/data/curtail/decision?provenance=true Bearer opa-token']);
  });

  it.each<[name: string, body: string]>([
    ['an undefined decision', '{}'],
    ['a bare yes', '{"result": true}'],
    ['a yes without a list of reasons', '{"result": {"allow": true}}'],
    ['a yes with objections', '{"result": {"allow": true, "reasons": ["but"]}}'],
    ['a yes as text', '{"result": {"allow": "true", "reasons": []}}'],
    ['a page of HTML', '<html>'],
    ['nothing', ''],
  ])('means no when it answers with %s', async (_name, body) => {
    const { guardrail } = await serve(200, body);
    const verdict = await guardrail.decide(input);
    expect(verdict.allow).toBe(false);
    expect(verdict.reasons.length).toBeGreaterThan(0);
  });

  it.each([
    [500, 'vendor.unavailable'],
    [401, 'vendor.auth'],
    [429, 'vendor.throttled'],
    [404, 'vendor.rejected'],
  ])('fails on HTTP %d as %s', async (status, type) => {
    const { guardrail } = await serve(status, '{}');
    await expect(guardrail.decide(input)).rejects.toMatchObject({ type });
  });

  it('fails when it cannot be reached', async () => {
    const { guardrail } = await serve(200, '{}');
    server?.close();
    server?.closeAllConnections();
    await expect(guardrail.decide(input)).rejects.toMatchObject({ type: 'vendor.unavailable' });
  });
});

describe("the organisation's lists", () => {
  function file(text: string): string {
    const path = join(mkdtempSync(join(tmpdir(), 'curtail-lists-')), 'list.yaml');
    writeFileSync(path, text);
    return path;
  }
  it('are empty without a file', () => {
    expect(readNeverTouch(undefined).rules).toEqual([]);
    expect(readFreezes(undefined)).toEqual([]);
  });
  it('are read into rules and calendars', () => {
    const list = readNeverTouch(
      file('rules:\n  - {reason: payroll, names: [pay-*]}\nexcept:\n  - {arn: a, reason: ours}\n'),
    );
    expect(list).toEqual({
      rules: [{ reason: 'payroll', names: ['pay-*'] }],
      except: [{ arn: 'a', reason: 'ours' }],
    });
    const text =
      'freezes:\n  - {name: week end, weekly: [{day: friday, from: "16:00", to: "24:00"}], accounts: [012345678901]}\n';
    expect(readFreezes(file(text))).toEqual([
      { name: 'week end', weekly: [{ day: 5, fromMinute: 960, toMinute: 1440 }], accounts: ['012345678901'] },
    ]);
  });
  it.each<[name: string, read: (path: string) => unknown, text: string, where: RegExp]>([
    [
      'a rule that stops everything',
      readNeverTouch,
      'rules:\n  - {reason: x, names: ["*"]}\n',
      /:2:25 rules\.0\.names\.0/,
    ],
    ['a key with a slip', readNeverTouch, 'rules:\n  - {reason: x, nmaes: [a]}\n', /did you mean names\?/],
    ['a moment without its offset', readFreezes, 'freezes:\n  - {name: x, from: 2026-01-01}\n', /offset/],
    [
      'an end before the beginning',
      readFreezes,
      'freezes:\n  - {name: x, from: 2026-01-02T00:00:00Z, to: 2026-01-01T00:00:00Z}\n',
      /ends before/,
    ],
  ])('refuse %s with its place', (_name, read, text, where) => {
    expect(() => read(file(text))).toThrow(where);
  });
});
