import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ConfigError, type ConfigFault, faultText } from '../../runtime/config/faults.js';
import { accountSettings, configSchema, ladders, loadConfig, parseConfig } from '../../runtime/config.js';

const FILE = '/etc/curtail/curtail.yaml';

function faults(text: string): readonly ConfigFault[] {
  try {
    parseConfig(text, FILE);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('a configuration that is right', () => {
  it('fills in every section of an empty file with embedded adapters and no samples', () => {
    const { config, timing } = parseConfig('', FILE);
    expect(config.ledger).toEqual({ adapter: 'pglite', folder: '/etc/curtail/.curtail/ledger' });
    expect(config.itsm).toEqual({ vendor: 'inbox', settings: {} });
    expect(config.chat).toEqual([{ vendor: 'console', settings: {} }]);
    expect(config.llm.provider).toBe('offline');
    expect(config.guardrail).toEqual({ adapter: 'embedded' });
    expect(config.sources).toEqual([]);
    expect(config.directory.path).toBe('/etc/curtail/directory.yaml');
    expect(config.triage.floor).toEqual({ severity: 'low', score: 0 });
    expect(timing.parkedRetriesMs).toEqual([3_600_000, 21_600_000, 86_400_000]);
  });

  it("keeps a vendor's own settings for its adapter and takes one cloud or a list", () => {
    const { config } = parseConfig(
      `sources:\n  - vendor: wiz\n    apiUrl: https://api.example.test\n    clientSecret: env:WIZ\n    floor: {severity: high}\ncloud:\n  vendor: aws\n  regions: [eu-west-1]\n`,
      FILE,
    );
    expect(config.sources).toEqual([
      {
        vendor: 'wiz',
        name: 'wiz',
        enabled: true,
        confirmed: false,
        floor: { severity: 'high' },
        settings: { apiUrl: 'https://api.example.test', clientSecret: 'env:WIZ' },
      },
    ]);
    expect(config.cloud).toEqual([{ vendor: 'aws', settings: { regions: ['eu-west-1'] } }]);
  });

  it('keeps the leading zero of an unquoted account id, as key and as value', () => {
    const { config } = parseConfig(
      `accounts:\n  012345678901: {environment: production, vpcs: [012345678901]}\n`,
      FILE,
    );
    expect(accountSettings(config, '012345678901')?.environment).toBe('production');
    expect(accountSettings(config, '012345678901')?.vpcs).toEqual(['012345678901']);
    expect(accountSettings(config, '__proto__')).toBeUndefined();
    expect(accountSettings(config, undefined)).toBeUndefined();
  });

  it('reads durations with units and a timing profile by name', () => {
    expect(parseConfig('timing: test', FILE).timing.pollEveryMs).toBe(1_000);
    const { timing } = parseConfig(
      'timing: {profile: demo, pollEveryMs: 2h, parkedRetriesMs: [1s, 5]}',
      FILE,
    );
    expect(timing.pollEveryMs).toBe(7_200_000);
    expect(timing.parkedRetriesMs).toEqual([1_000, 5]);
  });

  it('scales the built-in ladder and takes a configured one as written', () => {
    const loaded = parseConfig(
      'timing: demo\nladder:\n  high: [{name: end, afterMs: 5m, act: expire}]\n',
      FILE,
    );
    const { critical, high } = ladders(loaded);
    expect(high.map((rung) => `${rung.name} ${rung.afterMs} ${rung.act}`)).toEqual(['end 300000 expire']);
    expect(critical[0]?.afterMs).toBe(60_000);
  });
});

describe('a configuration that is wrong', () => {
  it('reports all faults together, in the order of the file, with line and column', () => {
    const found = faults(
      [
        'gateway:',
        '  prot: 1',
        '  host: 5',
        'ledger:',
        '  adapter: postgres',
        'nonsense: 1',
        'llm: {provider: openai}',
      ].join('\n'),
    );
    expect(found.map(({ line, column, path }) => `${line}:${column} ${path}`)).toEqual([
      '2:3 gateway.prot',
      '3:9 gateway.host',
      '5:3 ledger.url',
      '5:3 ledger.bodyKey',
      '6:1 nonsense',
      '7:6 llm.model',
      '7:6 llm.apiKey',
    ]);
    expect(found[0]?.mend).toBe('did you mean port?');
    expect(found[2]?.message).toBe('is missing');
    expect(found.map(faultText).join('\n')).toContain(
      `${FILE}:2:3 gateway.prot: unknown key (did you mean port?)`,
    );
  });

  it.each<[name: string, text: string, at: string, message: RegExp]>([
    [
      'a secret that is written out',
      'llm: {provider: compatible, model: m, baseUrl: https://x.test, apiKey: sk-live-1}',
      'llm.apiKey',
      /never written here/,
    ],
    [
      "a secret in a vendor's settings",
      'itsm: {vendor: servicenow, password: hunter2}',
      'itsm.password',
      /never written here/,
    ],
    [
      'a nested secret',
      'sources: [{vendor: wiz, auth: {clientSecret: hunter2}}]',
      'sources.0.auth.clientSecret',
      /never written here/,
    ],
    [
      'a secret of a cloud that stands alone',
      'cloud: {vendor: aws, token: hunter2}',
      'cloud.0.token',
      /never written here/,
    ],
    [
      'a database address in the open',
      'ledger: {adapter: postgres, bodyKey: env:K, url: "postgres://u:hunter2@h/d"}',
      'ledger.url',
      /never written here/,
    ],
    [
      'credentials in an address',
      'gateway: {publicUrl: "https://u:hunter2@h"}',
      'gateway.publicUrl',
      /without user name/,
    ],
    ['a key twice', 'gateway: {port: 1}\ngateway: {port: 2}', '', /unique/],
    ['a tab as indentation', 'gateway:\n\tport: 1', '', /tab/i],
    ['a list at the top', '- 1', '', /expected object/],
    ['an unknown ledger', 'ledger: {adapter: mysql}', 'ledger.adapter', /nvalid/],
    ['a duration without sense', 'timing: {pollEveryMs: soon}', 'timing.pollEveryMs', /90s/],
    ['a custom tag', 'folder: !!js/function "x"', '', /tag/i],
  ])('refuses %s and never repeats it', (_name, text, at, message) => {
    const [first] = faults(text);
    expect(first?.path).toBe(at);
    expect(first?.message).toMatch(message);
    expect(first === undefined ? '' : faultText(first)).not.toMatch(/hunter2|sk-live/);
  });

  it('stops at a document that multiplies itself by aliases', () => {
    const rows = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef'].map((pair) => [pair[0], pair[1]])) {
      rows.push(
        `${to}: &${to} [*${from}, *${from}, *${from}, *${from}, *${from}, *${from}, *${from}, *${from}]`,
      );
    }
    expect(faults(rows.join('\n'))[0]?.message).toMatch(/alias/i);
  });

  it("places what a vendor's adapter finds", () => {
    const loaded = parseConfig('sources:\n  - vendor: wiz\n    pageSize: many\n', FILE);
    const schema = z.strictObject({ pageSize: z.number() });
    const found = loaded.check(['sources', 0], () => {
      schema.parse(loaded.config.sources[0]?.settings);
    });
    expect(found.map((fault) => `${fault.line}:${fault.column} ${fault.path}`)).toEqual([
      '3:15 sources.0.pageSize',
    ]);
  });
});

describe('where the configuration comes from', () => {
  it('runs on the samples when there is no file, and refuses a named one that is missing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'curtail-config-'));
    try {
      const loaded = loadConfig({ cwd: folder, env: {} });
      expect(loaded.file).toBeNull();
      expect(loaded.config.folder).toBe(join(folder, '.curtail'));
      expect(loaded.config.sources.every(({ vendor }) => vendor === 'file' || vendor === 'generic')).toBe(
        true,
      );
      expect(() => loadConfig({ cwd: folder, env: { CURTAIL_CONFIG: 'absent.yaml' } })).toThrow(
        /no such file/,
      );
      writeFileSync(join(folder, 'curtail.yaml'), 'gateway: {port: 0}\n');
      expect(loadConfig({ cwd: folder }).config.gateway.port).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('publishes a JSON schema that knows every section', () => {
    const schema = configSchema();
    expect(schema['additionalProperties']).toBe(false);
    expect(Object.keys(schema['properties'] as object)).toEqual(
      expect.arrayContaining(['temporal', 'cloud', 'ladder', 'timing']),
    );
  });
});
