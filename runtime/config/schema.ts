import { z } from 'zod';
import { SEVERITIES } from '../../domain/finding/finding.js';
import { TIMING_PROFILE_NAMES } from '../timing.js';
import {
  Duration,
  PathText,
  Port,
  SECRET_MEND,
  SecretReference,
  WebAddress,
  WebOrigin,
  writtenSecrets,
} from './values.js';

const Name = z.string().min(1).max(200);

/** Adds a fault for every secret that is written out in a vendor's settings. */
function refuseWrittenSecrets(value: object, context: z.RefinementCtx): void {
  for (const path of writtenSecrets(value)) {
    context.addIssue({ code: 'custom', path, message: `a secret is never written here; ${SECRET_MEND}` });
  }
}

/**
 * A vendor and its settings. The settings stay unknown until the vendor's adapter parses them,
 * so that a vendor is added without touching the configuration.
 */
const VendorSection = z
  .looseObject({ vendor: Name })
  .superRefine(refuseWrittenSecrets)
  .transform(({ vendor, ...settings }) => ({ vendor, settings: settings as Record<string, unknown> }));

const Floor = z.strictObject({
  severity: z.enum(SEVERITIES).default('low').describe('Findings below this are kept and listed only.'),
  score: z
    .number()
    .min(0)
    .max(100)
    .default(0)
    .describe('Findings with a lower risk score are kept and listed only.'),
});

/** No platform signs what it sends, so its sender is known by a secret, and a certificate where a proxy checks one. */
const SourceWebhook = z
  .strictObject({
    header: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,100}$/)
      .default('authorization')
      .describe('Header that carries the secret.'),
    scheme: z.string().min(1).max(20).optional().describe('Word before the secret, such as Bearer.'),
    secrets: z.array(SecretReference).max(2).default([]).describe('Two while one is being replaced.'),
    basic: z.strictObject({ user: Name, password: SecretReference }).optional(),
    addressSecret: SecretReference.optional().describe(
      'Last part of the address, for senders that can bring no header: 32 characters or more.',
    ),
    clientCertificate: z
      .strictObject({ header: z.string().regex(/^[A-Za-z0-9-]{1,100}$/), value: SecretReference })
      .optional()
      .describe('Header by which a proxy that ended mutual TLS says that the certificate was right.'),
  })
  .refine(
    ({ secrets, basic, addressSecret }) =>
      secrets.length > 0 || basic !== undefined || addressSecret !== undefined,
    'a webhook needs secrets, basic or addressSecret: no platform signs what it sends',
  );

const SourceSection = z
  .looseObject({
    vendor: Name.describe('wiz, prisma, orca, lacework, generic or file'),
    name: Name.optional().describe('What this source is called; the vendor by default.'),
    enabled: z.boolean().default(true),
    confirmed: z
      .boolean()
      .default(false)
      .describe(
        'Lives begin without "curtail forecast --confirm"; until one of both, findings are only kept.',
      ),
    webhook: SourceWebhook.optional().describe('Takes its notifications at /webhooks/findings/<name>.'),
    floor: z
      .strictObject({ severity: z.enum(SEVERITIES).optional(), score: z.number().min(0).max(100).optional() })
      .optional(),
  })
  .superRefine(refuseWrittenSecrets)
  .transform(({ vendor, name, enabled, confirmed, webhook, floor, ...settings }) => ({
    vendor,
    name: name ?? vendor,
    enabled,
    confirmed,
    ...(webhook !== undefined && { webhook }),
    ...(floor !== undefined && { floor }),
    settings: settings as Record<string, unknown>,
  }));

const Ports = z.strictObject({
  frontend: Port.default(7233),
  ui: Port.default(8233),
  metrics: Port.optional(),
});

const Temporal = z.strictObject({
  address: z.string().min(1).max(500).optional().describe('host:port; without it a server is started here.'),
  namespace: Name.default('default'),
  taskQueuePrefix: z
    .string()
    .max(100)
    .regex(/^[A-Za-z0-9._-]*$/)
    .default('curtail'),
  tls: z.boolean().optional(),
  apiKey: SecretReference.optional(),
  ports: Ports.prefault({}),
  retentionDays: z.number().int().min(1).max(3_650).default(30),
  codec: z
    .strictObject({
      key: SecretReference.optional(),
      keyId: Name.optional(),
      oldKeys: z.record(Name, SecretReference).optional(),
      uiOrigins: z
        .array(WebOrigin)
        .max(10)
        .optional()
        .describe('Where the Temporal UI is; its pages may have payloads decoded by the gateway.'),
    })
    .prefault({})
    .describe('Encrypts payloads when a key is set.'),
});

const Gateway = z.strictObject({
  host: Name.default('127.0.0.1'),
  port: Port.default(8800),
  publicUrl: WebAddress.optional().describe(
    'Address that people use; links in tickets and messages start with it.',
  ),
  sessionTtlMinutes: z.number().int().min(1).max(1_440).default(60),
  signIn: z
    .enum(['code'], {
      error: 'sign-in is by one-time code only so far; OpenID Connect is not there yet (docs/deployment.md)',
    })
    .default('code'),
});

const Ledger = z.discriminatedUnion('adapter', [
  z.strictObject({
    adapter: z.literal('pglite'),
    folder: PathText.optional().describe('<folder>/ledger by default'),
    bodyKey: SecretReference.optional().describe(
      '32 bytes in base64 that seal evidence; a key file of our own by default.',
    ),
  }),
  z.strictObject({
    adapter: z.literal('postgres'),
    url: SecretReference,
    bodyKey: SecretReference.describe('32 bytes in base64 that seal evidence; every process needs the same.'),
  }),
]);

/** The model providers that a configuration may name. */
export const LLM_PROVIDERS = ['offline', 'openai', 'azure-openai', 'anthropic', 'compatible'] as const;
const Llm = z
  .strictObject({
    provider: z.enum(LLM_PROVIDERS).default('offline'),
    model: Name.optional(),
    baseUrl: WebAddress.optional(),
    apiKey: SecretReference.optional(),
    /** Azure: the deployment's name and the API's version. */
    deployment: Name.optional(),
    apiVersion: Name.optional(),
    timeoutMs: Duration.default(60_000),
    maxOutputTokens: z.number().int().min(64).max(32_000).default(1_200),
    dailyTokenLimit: z
      .number()
      .int()
      .min(0)
      .optional()
      .describe('Tokens a UTC day; beyond it the offline text is used.'),
    compliancePolicyId: Name.optional().describe('Recorded with every model call.'),
  })
  .superRefine((llm, context) => {
    for (const member of neededBy(llm.provider)) {
      if (llm[member] !== undefined) continue;
      context.addIssue({
        code: 'custom',
        path: [member],
        message: `provider ${llm.provider} needs ${member}`,
      });
    }
  });

function neededBy(
  provider: (typeof LLM_PROVIDERS)[number],
): readonly ('model' | 'apiKey' | 'baseUrl' | 'deployment' | 'apiVersion')[] {
  switch (provider) {
    case 'offline':
      return [];
    case 'openai':
    case 'anthropic':
      return ['model', 'apiKey'];
    case 'azure-openai':
      return ['model', 'apiKey', 'baseUrl', 'deployment', 'apiVersion'];
    case 'compatible':
      return ['model', 'baseUrl'];
  }
}

const Guardrail = z.discriminatedUnion('adapter', [
  z.strictObject({
    adapter: z.literal('embedded'),
    folder: PathText.optional().describe(
      "Policies compiled with tools/policies.mjs; the product's own by default.",
    ),
  }),
  z.strictObject({
    adapter: z.literal('opa'),
    url: WebAddress,
    /** Path of the decision, `curtail/decision` by default. */
    path: z
      .string()
      .regex(/^[A-Za-z0-9_/-]+$/)
      .default('curtail/decision'),
    token: SecretReference.optional(),
    timeoutMs: Duration.default(5_000),
  }),
]);

const PathSection = z.strictObject({ path: PathText });

const Account = z.strictObject({
  name: Name.optional(),
  environment: z.enum(['production', 'staging', 'development', 'unknown']).default('unknown'),
  owner: z.strictObject({ person: Name.optional(), team: Name.optional() }).optional(),
  route: z
    .enum(['api', 'pull-request', 'ticket'])
    .default('ticket')
    .describe('How an approved change gets there.'),
  businessUnit: Name.optional(),
  department: Name.optional(),
  criticality: z.enum(['critical', 'high', 'medium', 'low']).optional(),
  regulations: z.array(Name).optional(),
  /** Names of the networks that count as inside. */
  vpcs: z.array(Name).default([]),
  repository: Name.optional().describe('Where the infrastructure code of this account lives.'),
});

const Timing = z.strictObject({
  profile: z.enum(TIMING_PROFILE_NAMES).default('life'),
  readTimeoutMs: Duration.optional(),
  readGiveUpMs: Duration.optional(),
  writeTimeoutMs: Duration.optional(),
  writeGiveUpMs: Duration.optional(),
  heartbeatMs: Duration.optional(),
  thinkTimeoutMs: Duration.optional(),
  thinkGiveUpMs: Duration.optional(),
  ledgerTimeoutMs: Duration.optional(),
  ledgerGiveUpMs: Duration.optional(),
  ladderFactor: z.number().positive().max(100).optional(),
  minNoticeMs: Duration.optional(),
  digestWindowMs: Duration.optional(),
  verifyAfterMs: Duration.optional(),
  verifyEveryMs: Duration.optional(),
  verifyGiveUpMs: Duration.optional(),
  routePollEveryMs: Duration.optional(),
  routeGiveUpMs: Duration.optional(),
  parkedRetriesMs: z.array(Duration).max(20).optional(),
  pollEveryMs: Duration.optional(),
  fullPollEveryMs: Duration.optional(),
  clusterWaitMs: Duration.optional(),
});

const Rung = z.strictObject({
  name: Name,
  afterMs: Duration,
  act: z.enum(['remind', 'escalate', 'expire']),
});

const one = (value: unknown): unknown => (value === undefined || Array.isArray(value) ? value : [value]);

/** The whole of `curtail.yaml`. */
export const ConfigFile = z.strictObject({
  folder: PathText.default('.curtail').describe('Where state is kept.'),
  temporal: Temporal.prefault({}),
  gateway: Gateway.prefault({}),
  ledger: Ledger.prefault({ adapter: 'pglite' }),
  sources: z.array(SourceSection).max(100).default([]),
  itsm: VendorSection.prefault({ vendor: 'inbox' }),
  chat: z
    .array(VendorSection)
    .max(20)
    .prefault([{ vendor: 'console' }]),
  llm: Llm.prefault({}),
  cloud: z.preprocess(one, z.array(VendorSection).max(20).default([])).describe('One cloud, or a list.'),
  iac: VendorSection.optional(),
  directory: z
    .strictObject({ adapter: z.literal('file').default('file'), path: PathText.default('directory.yaml') })
    .prefault({}),
  guardrail: Guardrail.prefault({ adapter: 'embedded' }),
  flags: PathSection.optional(),
  neverTouch: PathSection.optional(),
  freezes: PathSection.optional(),
  cmdb: PathSection.optional(),
  siem: z.array(VendorSection).max(20).default([]),
  desk: z
    .strictObject({
      releaseFirst: z
        .array(z.enum(['assist', 'automate']))
        .default([])
        .describe('Phases in which the security team releases a ticket before its owner is asked.'),
      digestAfter: z
        .number()
        .int()
        .min(1)
        .max(1_000)
        .default(5)
        .describe(
          'Chat notices that one person gets within timing.digestWindowMs; further ones are one message.',
        ),
      onCall: Name.optional().describe('Team of the directory that is asked where no owner is found.'),
    })
    .prefault({}),
  triage: z.strictObject({ floor: Floor.prefault({}) }).prefault({}),
  accounts: z.record(Name, Account).default({}),
  timing: z
    .preprocess((value) => (typeof value === 'string' ? { profile: value } : value), Timing.prefault({}))
    .describe('A profile (life, demo, test), or a profile with values of its own.'),
  ladder: z
    .partialRecord(z.enum(SEVERITIES), z.array(Rung).min(1).max(20))
    .default({})
    .describe('Rungs of a severity in place of the built-in ones; taken as written, not scaled.'),
  secrets: z
    .strictObject({
      vault: z
        .strictObject({
          address: WebAddress,
          token: SecretReference,
          mount: Name.default('secret'),
          namespace: Name.optional(),
        })
        .optional(),
    })
    .prefault({}),
});

/** The configuration as everything uses it. */
export type Config = z.output<typeof ConfigFile>;
/** The configuration's section for the model. */
export type LlmConfig = Config['llm'];
