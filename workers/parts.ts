import { Failure, FailureType } from '../domain/failure.js';
import type { Config } from '../runtime/config/schema.js';
import { isSecretReference } from '../runtime/config/values.js';
import type { SecretResolver } from '../runtime/secrets.js';
import { ZONES, type Zone } from '../workflows/naming.js';

/** A part of Curtail that may run in a process of its own: a zone's worker, or the gateway. */
export type Part = Zone | 'gateway';

/** All parts, as one process runs them in embedded mode. */
export const PARTS: readonly Part[] = [...ZONES, 'gateway'];

/** Ports that reach out of the process. Ledger, directory, flags and public keys are everybody's. */
export type PortName =
  | 'cloud'
  | 'cloudWriter'
  | 'guardrail'
  | 'tickets'
  | 'chats'
  | 'sources'
  | 'iac'
  | 'cmdb'
  | 'explainer';

/** What each part opens, and with it which credentials it may read; nothing else is within its reach. */
const PORTS_OF: Readonly<Record<Part, readonly PortName[]>> = {
  // Drafts and proves over the account as it is; tells a ticket that its request is over.
  core: ['cloud', 'guardrail', 'tickets'],
  connect: ['cloud', 'cmdb', 'tickets', 'chats', 'sources', 'iac'],
  think: ['explainer'],
  // Separation of duties is asked again from the account; routes other than `api` go by pull request and ticket.
  change: ['cloud', 'cloudWriter', 'tickets', 'iac'],
  // Looks who can use an identity, reads back what a callback claims, answers in chats, and forecasts what a source would send.
  gateway: ['cloud', 'cmdb', 'tickets', 'chats'],
};

/** The ports that a process of these parts opens. */
export function portsOf(parts: readonly Part[]): ReadonlySet<PortName> {
  return new Set(parts.flatMap((part) => PORTS_OF[part]));
}

/**
 * Stands in for a port that belongs to other parts: any use of it is refused, and says where it belongs. What is
 * `known` of it can be read.
 */
export function withheld<Port extends object>(name: PortName, known: Partial<Port> = {}): Port {
  const owners = (Object.keys(PORTS_OF) as Part[]).filter((part) => PORTS_OF[part].includes(name));
  const refuse = (): never => {
    throw new Failure(
      FailureType.InvalidInput,
      `the port ${name} is not open here, only in ${owners.join(', ')}`,
    );
  };
  // `then` is asked of everything that an async function returns.
  const get = (target: Port, member: string | symbol): unknown => {
    if (Object.hasOwn(target, member)) return Reflect.get(target, member);
    return member === 'then' ? undefined : refuse();
  };
  return new Proxy({ ...known } as Port, { get, has: refuse, ownKeys: refuse });
}

/** Sections of the configuration that hold the references of a port's secrets. */
const SECTIONS: Readonly<Record<PortName, (config: Config) => unknown>> = {
  cloud: ({ cloud }) => cloud,
  cloudWriter: ({ cloud }) => cloud,
  guardrail: ({ guardrail }) => guardrail,
  tickets: ({ itsm }) => itsm,
  chats: ({ chat }) => chat,
  sources: ({ sources }) => sources.map(({ settings }) => settings),
  iac: ({ iac }) => iac,
  cmdb: ({ cmdb }) => cmdb,
  explainer: ({ llm }) => llm,
};

/** References of the ledger that count where the configuration names none. */
const LEDGER_DEFAULTS = ['env:DATABASE_URL', 'env:CURTAIL_BODY_KEY'];

/** References of all secrets that a process of these parts may read, and no others. */
export function secretsOf(config: Config, parts: readonly Part[]): ReadonlySet<string> {
  const { ledger, temporal, secrets, siem } = config;
  const sections: unknown[] = [
    ledger,
    temporal,
    secrets,
    [...portsOf(parts)].map((name) => SECTIONS[name](config)),
  ];
  if (parts.includes('gateway')) sections.push(siem, ...config.sources.map(({ webhook }) => webhook));
  return new Set([...LEDGER_DEFAULTS, ...sections.flatMap(referencesIn)]);
}

function referencesIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return isSecretReference(value) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(referencesIn);
}

/** A resolver that reads the secrets of these parts only. */
export function secretsWithin(
  resolve: SecretResolver,
  config: Config,
  parts: readonly Part[],
): SecretResolver {
  const allowed = secretsOf(config, parts);
  return async (reference) => {
    if (allowed.has(reference)) return resolve(reference);
    throw new Error(`reading a secret: ${parts.join(', ')} may not read ${referenceForPeople(reference)}`);
  };
}

/** What was given may be a secret itself: it is repeated only where it has the form of a reference. */
function referenceForPeople(reference: string): string {
  return isSecretReference(reference) ? reference : 'something that is no reference';
}
