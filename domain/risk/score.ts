import type { RiskScore } from '../proof/proof.js';
import { powerOf } from './power.js';
import { WEIGHTS_V1 } from './weights.v1.js';

/** What the company knows about the place of an identity or a store. Everything that is absent counts as unknown. */
export interface RiskContext {
  environment?: 'production' | 'staging' | 'development' | 'unknown';
  criticality?: 'critical' | 'high' | 'medium' | 'low';
  department?: string;
  /** What the identity's holder is. */
  role?: 'administrator' | 'deployment' | 'vendor' | 'workload' | 'person' | 'unknown';
  history?: { reopened?: number; incidents?: number; exceptions?: number };
}

/** Who can get to the identity, or to the store. The worst that is true counts. */
export interface Exposure {
  public?: boolean;
  /** Other accounts that are let in by a trust or resource policy; `any` when all are. */
  otherAccounts?: number | 'any';
  federated?: boolean;
  longLivedKey?: boolean;
  service?: boolean;
}

/** What a score is computed from: facts of the engine, never of a model. */
export interface RiskInput {
  /** `store`: a data finding; then power is what can be done to the store. */
  subject: 'identity' | 'store';
  /** Action patterns that are allowed, with the resources they are allowed on. */
  grants: readonly { action: string; resource: string }[];
  administrator: boolean;
  /** Labels of the data at stake; `sensitive` when something is marked as sensitive without a label. */
  labels: readonly string[];
  sensitive?: boolean;
  exposure: Exposure;
  reach: { sensitiveStores: number; openEscalations: number; toAdministrator: boolean };
  /** Counts of granted and of unused actions; absent when use is not known. */
  use?: { granted: number; unused: number };
  context: RiskContext;
}

interface Part {
  name: keyof typeof WEIGHTS_V1.weights;
  factor: number;
  why: string;
}

/**
 * The risk of an identity or a store, 0..100, with every factor and a sentence for it. Pure arithmetic over facts:
 * the same input always has the same score. Formula and numbers: `weights.v1.ts`.
 */
export function scoreRisk(input: RiskInput): RiskScore {
  const parts = [
    { name: 'power' as const, ...powerOf(input) },
    sensitivityPart(input),
    exposurePart(input),
    reachPart(input),
    unusedPart(input),
    contextPart(input),
    historyPart(input),
  ];
  const product = parts.reduce((value, { name, factor }) => value * factor ** WEIGHTS_V1.weights[name], 1);
  const value = Math.round(100 * product);
  return {
    value,
    band: bandOf(value),
    parts: parts.map(({ name, factor, why }) => ({ name, factor: Math.round(factor * 100) / 100, why })),
    weightsVersion: WEIGHTS_V1.version,
  };
}

/** The band of a score. */
export function bandOf(value: number): RiskScore['band'] {
  const { critical, high, medium } = WEIGHTS_V1.bands;
  if (value >= critical) return 'critical';
  if (value >= high) return 'high';
  return value >= medium ? 'medium' : 'low';
}

const LABEL_ORDER = ['credentials', 'PHI', 'PCI', 'PII', 'financial', 'confidential'] as const;

function sensitivityPart({ labels, sensitive }: RiskInput): Part {
  const kinds = new Set(labels.map((label) => label.split('.')[0]?.toLowerCase()));
  const worst = LABEL_ORDER.find((label) => kinds.has(label.toLowerCase()));
  const { sensitivity } = WEIGHTS_V1;
  if (worst !== undefined)
    return { name: 'sensitivity', factor: sensitivity[worst], why: `Data labelled ${worst} is at stake.` };
  if (sensitive === true || labels.length > 0)
    return { name: 'sensitivity', factor: sensitivity.marked, why: 'Data marked as sensitive is at stake.' };
  return { name: 'sensitivity', factor: sensitivity.none, why: 'No sensitive data is known to be at stake.' };
}

function exposurePart({ exposure: given }: RiskInput): Part {
  const { exposure } = WEIGHTS_V1;
  if (given.public === true)
    return { name: 'exposure', factor: exposure.public, why: 'Anybody on the internet can get to it.' };
  if (given.otherAccounts === 'any')
    return { name: 'exposure', factor: exposure.anyAccount, why: 'Every AWS account is let in.' };
  const others = given.otherAccounts ?? 0;
  if (others > 0)
    return {
      name: 'exposure',
      factor: exposure.otherAccount,
      why: `${others} other ${others === 1 ? 'account is' : 'accounts are'} let in.`,
    };
  if (given.federated === true)
    return {
      name: 'exposure',
      factor: exposure.federated,
      why: 'People and programs from an identity provider are let in.',
    };
  if (given.longLivedKey === true)
    return {
      name: 'exposure',
      factor: exposure.longLivedKey,
      why: 'It has an access key that does not expire by itself.',
    };
  if (given.service === true)
    return { name: 'exposure', factor: exposure.service, why: 'An AWS service uses it.' };
  return {
    name: 'exposure',
    factor: exposure.internal,
    why: 'Only principals of its own account get to it.',
  };
}

function reachPart({ subject, administrator, reach: given }: RiskInput): Part {
  const { reach } = WEIGHTS_V1;
  if (subject === 'store') {
    return given.sensitiveStores > 0
      ? { name: 'reach', factor: reach.sensitiveStore, why: 'It holds the sensitive data itself.' }
      : { name: 'reach', factor: reach.none, why: 'It holds nothing that is known to be sensitive.' };
  }
  if (administrator || given.toAdministrator) {
    const why = administrator
      ? 'As an administrator it reaches everything.'
      : 'A privilege-escalation path leads from it to an administrator.';
    return { name: 'reach', factor: reach.administrator, why };
  }
  const stores = Math.min(1, reach.none + reach.perStore * given.sensitiveStores);
  const paths = given.openEscalations > 0 ? reach.escalation : reach.none;
  if (stores >= paths && given.sensitiveStores > 0)
    return {
      name: 'reach',
      factor: stores,
      why: `It reaches ${given.sensitiveStores} sensitive ${given.sensitiveStores === 1 ? 'store' : 'stores'}.`,
    };
  if (given.openEscalations > 0)
    return {
      name: 'reach',
      factor: paths,
      why: `${given.openEscalations} open ${given.openEscalations === 1 ? 'path leads' : 'paths lead'} from it to more permissions.`,
    };
  return { name: 'reach', factor: reach.none, why: 'It reaches no sensitive store and nobody stronger.' };
}

function unusedPart({ use }: RiskInput): Part {
  const { least, unknown } = WEIGHTS_V1.unused;
  if (use === undefined || use.granted === 0)
    return { name: 'unused', factor: unknown, why: 'Its use is not known.' };
  const share = Math.min(1, use.unused / use.granted);
  return {
    name: 'unused',
    factor: least + (1 - least) * share,
    why: `Of ${use.granted} granted actions ${use.unused} were not used (${Math.round(share * 100)} %).`,
  };
}

function contextPart({ context }: RiskInput): Part {
  const { environment, criticality, department, role } = WEIGHTS_V1;
  const place = context.environment ?? 'unknown';
  const holder = context.role ?? 'unknown';
  const known = context.department?.trim().toLowerCase() ?? 'other';
  const weight = new Map<string, number>(Object.entries(department)).get(known) ?? department.other;
  const factor =
    environment[place] * (weight * role[holder] * criticality[context.criticality ?? 'unknown']) ** (1 / 3);
  const where = place === 'unknown' ? 'Its environment is not known' : `It is in ${place}`;
  const whose = context.department === undefined ? '' : `, serves ${context.department}`;
  const matters = context.criticality === undefined ? '' : `, criticality ${context.criticality}`;
  return {
    name: 'context',
    factor,
    why: `${where}${whose}${matters}${holder === 'unknown' ? '' : `, held by: ${holder}`}.`,
  };
}

function historyPart({ context: { history } }: RiskInput): Part {
  const { base, perReopening, perIncident, perException } = WEIGHTS_V1.history;
  const { reopened = 0, incidents = 0, exceptions = 0 } = history ?? {};
  const factor = Math.min(
    1,
    base + perReopening * reopened + perIncident * incidents + perException * exceptions,
  );
  const why =
    reopened + incidents + exceptions === 0
      ? 'Nothing happened with it before.'
      : `Before: reopened ${reopened}, incidents ${incidents}, exceptions ${exceptions}.`;
  return { name: 'history', factor, why };
}
