/**
 * Version 1 of the numbers behind every score. A version is never edited after it was used: scores are compared over
 * time, and each names its version.
 *
 * score = 100 × Π factorᵢ ^ weightᵢ, with Σ weightᵢ = 1 and every factor in 0..1: a weighted geometric mean, so that
 * each factor multiplies, none outweighs its share, and one low factor lowers the whole.
 */
export const WEIGHTS_V1 = {
  version: 'v1',
  weights: {
    power: 0.24,
    sensitivity: 0.2,
    exposure: 0.16,
    reach: 0.16,
    unused: 0.08,
    context: 0.12,
    history: 0.04,
  },
  /** What the strongest permission can do. */
  power: {
    administrator: 1,
    critical: 0.9,
    combination: 0.85,
    high: 0.75,
    permissions: 0.7,
    write: 0.5,
    read: 0.35,
    list: 0.15,
    none: 0.05,
  },
  /** A permission that is limited to named resources counts for less. */
  narrowResource: 0.75,
  /** Most sensitive label that is at stake. */
  sensitivity: {
    credentials: 1,
    PHI: 1,
    PCI: 1,
    PII: 0.9,
    financial: 0.8,
    confidential: 0.7,
    marked: 0.7,
    none: 0.25,
  },
  /** Who can get there at all. */
  exposure: {
    public: 1,
    anyAccount: 1,
    otherAccount: 0.75,
    federated: 0.6,
    longLivedKey: 0.6,
    service: 0.4,
    internal: 0.3,
  },
  reach: { administrator: 1, perStore: 0.12, escalation: 0.7, sensitiveStore: 0.8, none: 0.2 },
  /** Share of granted permissions that nobody used: 0 → `least`, 1 → 1; unknown counts as half. */
  unused: { least: 0.3, unknown: 0.6 },
  environment: { production: 1, unknown: 0.8, staging: 0.55, development: 0.35 },
  criticality: { critical: 1, high: 0.9, medium: 0.7, low: 0.5, unknown: 0.75 },
  /** Departments whose systems are attacked first; everything else counts `other`. */
  department: {
    finance: 1,
    payments: 1,
    security: 1,
    platform: 1,
    health: 1,
    legal: 0.95,
    hr: 0.95,
    people: 0.95,
    other: 0.85,
  },
  /** What the identity's holder is. */
  role: { administrator: 1, deployment: 1, vendor: 1, workload: 0.85, person: 0.9, unknown: 0.85 },
  history: { base: 0.5, perReopening: 0.15, perIncident: 0.25, perException: 0.1 },
  bands: { critical: 80, high: 60, medium: 35 },
} as const;
