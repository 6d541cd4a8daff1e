import { describe, expect, it } from '@jest/globals';
import { parseConfig } from '../../runtime/config.js';
import { Secret } from '../../runtime/secret.js';
import { PARTS, type Part, portsOf, secretsOf, secretsWithin, withheld } from '../../workers/parts.js';

const { config } = parseConfig(
  `
ledger: { adapter: postgres, url: env:LEDGER_URL, bodyKey: env:BODY_KEY }
temporal: { apiKey: env:TEMPORAL_KEY, codec: { key: env:CODEC_KEY, oldKeys: { before: env:OLD_CODEC_KEY } } }
sources:
  - { vendor: wiz, clientId: x, clientSecret: env:WIZ, webhook: { secrets: [env:HOOK] } }
  - { vendor: orca, token: 'vault:orca#token' }
itsm: { vendor: servicenow, url: https://x.example, auth: { kind: oauth, clientId: x, clientSecret: env:DESK }, callbacks: { secrets: [env:DESK_CALLBACK] } }
chat: [{ vendor: console, token: env:CHAT }]
llm: { provider: openai, model: m, apiKey: env:MODEL }
cloud: { vendor: snapshot, path: x, credentials: env:CLOUD }
iac: { vendor: local-git, path: x, token: env:CODE_HOST }
guardrail: { adapter: opa, url: https://opa.example, token: env:OPA }
siem: [{ vendor: syslog, host: x, key: env:SIEM }]
secrets: { vault: { address: https://vault.example, token: env:VAULT } }
`,
  'curtail.yaml',
);

const EVERYBODY = [
  'env:DATABASE_URL',
  'env:CURTAIL_BODY_KEY',
  'env:LEDGER_URL',
  'env:BODY_KEY',
  'env:TEMPORAL_KEY',
  'env:CODEC_KEY',
  'env:OLD_CODEC_KEY',
  'env:VAULT',
];
const DESK = ['env:DESK', 'env:DESK_CALLBACK'];

/** What each part may read beside what everybody may. This table is the promise; the code has to keep it. */
const OWN: Readonly<Record<Part, readonly string[]>> = {
  core: ['env:CLOUD', 'env:OPA', ...DESK],
  connect: ['env:CLOUD', ...DESK, 'env:CHAT', 'env:WIZ', 'vault:orca#token', 'env:CODE_HOST'],
  think: ['env:MODEL'],
  change: ['env:CLOUD', ...DESK, 'env:CODE_HOST'],
  gateway: ['env:CLOUD', ...DESK, 'env:CHAT', 'env:SIEM', 'env:HOOK'],
};

describe('a part of Curtail', () => {
  it.each(PARTS)('%s reads its own secrets and no others', (part) => {
    expect([...secretsOf(config, [part])].sort()).toEqual([...EVERYBODY, ...OWN[part]].sort());
  });

  it('that is not think never reads the key of the model, and only change writes to accounts', () => {
    for (const part of PARTS) {
      expect(secretsOf(config, [part]).has('env:MODEL')).toBe(part === 'think');
      expect(portsOf([part]).has('cloudWriter')).toBe(part === 'change');
    }
  });

  it('asks its resolver for nothing else', async () => {
    const asked: string[] = [];
    const resolve = async (reference: string): Promise<Secret> => {
      asked.push(reference);
      return new Secret('x');
    };
    const within = secretsWithin(resolve, config, ['change']);
    expect((await within('env:DESK')).reveal()).toBe('x');
    await expect(within('env:MODEL')).rejects.toThrow('change may not read env:MODEL');
    await expect(within('sk-written-out')).rejects.toThrow(
      'change may not read something that is no reference',
    );
    expect(asked).toEqual(['env:DESK']);
  });

  it('that uses a port of others is refused and told whose it is', async () => {
    const explainer = await Promise.resolve(withheld<{ answer(): void }>('explainer'));
    expect(() => explainer.answer()).toThrow('the port explainer is not open here, only in think');
  });
});
