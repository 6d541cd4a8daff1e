/** A rule that applies to labelled data, with the place where it stands. Texts are ours, in plain words. */
export interface Citation {
  regulation: string;
  citation: string;
  text: string;
  /** Where the regulation itself is published. */
  source: string;
}

interface Rule extends Citation {
  /** Labels whose data it protects; a finer label (`PII.email`) counts as its first part. */
  labels: readonly string[];
}

const GDPR = 'https://eur-lex.europa.eu/eli/reg/2016/679/oj';
const CCPA =
  'https://leginfo.legislature.ca.gov/faces/codes_displaySection.xhtml?lawCode=CIV&sectionNum=1798.150';
const HIPAA = 'https://www.ecfr.gov/current/title-45/subtitle-A/subchapter-C/part-164/subpart-C';
const PCI = 'https://www.pcisecuritystandards.org/document_library/';

/** The fixed table from which regulations are cited; a model's memory never is. */
const RULES: readonly Rule[] = [
  {
    regulation: 'GDPR',
    citation: 'Article 32(1)',
    text: 'Personal data must be secured in proportion to the risk, which includes encryption and lasting confidentiality and integrity of the systems.',
    source: GDPR,
    labels: ['PII', 'PHI'],
  },
  {
    regulation: 'GDPR',
    citation: 'Article 32(4)',
    text: 'Whoever acts for the controller and can reach personal data may process it on instructions only.',
    source: GDPR,
    labels: ['PII', 'PHI'],
  },
  {
    regulation: 'CCPA',
    citation: 'Cal. Civ. Code §1798.150(a)(1)',
    text: 'Consumers may claim damages when unencrypted personal information is taken because reasonable security was missing.',
    source: CCPA,
    labels: ['PII'],
  },
  {
    regulation: 'CCPA',
    citation: 'Cal. Civ. Code §1798.100(e)',
    text: 'A business must protect personal information by security that fits its nature.',
    source:
      'https://leginfo.legislature.ca.gov/faces/codes_displaySection.xhtml?lawCode=CIV&sectionNum=1798.100',
    labels: ['PII'],
  },
  {
    regulation: 'HIPAA Security Rule',
    citation: '45 CFR §164.312(a)(1)',
    text: 'Only persons and programs that were granted access may reach electronic protected health information.',
    source: HIPAA,
    labels: ['PHI'],
  },
  {
    regulation: 'HIPAA Security Rule',
    citation: '45 CFR §164.312(b)',
    text: 'Activity in systems with electronic protected health information must be recorded and examined.',
    source: HIPAA,
    labels: ['PHI'],
  },
  {
    regulation: 'HIPAA Security Rule',
    citation: '45 CFR §164.308(a)(4)',
    text: 'Access to electronic protected health information must be authorised by policy and procedure.',
    source: HIPAA,
    labels: ['PHI'],
  },
  {
    regulation: 'PCI DSS',
    citation: 'v4.0 Requirement 7.2',
    text: 'Access to system components and cardholder data is defined and assigned by need and least privilege.',
    source: PCI,
    labels: ['PCI'],
  },
  {
    regulation: 'PCI DSS',
    citation: 'v4.0 Requirement 3.5',
    text: 'Stored account numbers must be unreadable wherever they are kept.',
    source: PCI,
    labels: ['PCI'],
  },
  {
    regulation: 'PCI DSS',
    citation: 'v4.0 Requirement 10.2',
    text: 'Access to cardholder data must be logged.',
    source: PCI,
    labels: ['PCI'],
  },
];

/** Other names under which people list the regulations. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['gdpr', 'GDPR'],
  ['ccpa', 'CCPA'],
  ['cpra', 'CCPA'],
  ['hipaa', 'HIPAA Security Rule'],
  ['hipaa security rule', 'HIPAA Security Rule'],
  ['pci', 'PCI DSS'],
  ['pci dss', 'PCI DSS'],
  ['pci-dss', 'PCI DSS'],
]);

/**
 * Rules that protect data with these labels. `regulations`, names that the company or its CMDB lists for the service,
 * adds theirs even when no label says so. Each rule once, in the table's order.
 */
export function citationsFor(labels: readonly string[], regulations: readonly string[] = []): Citation[] {
  const kinds = new Set(labels.map((label) => label.split('.')[0]?.toUpperCase()));
  const named = new Set(regulations.map((name) => NAMES.get(name.trim().toLowerCase())));
  return RULES.filter(
    (rule) => named.has(rule.regulation) || rule.labels.some((label) => kinds.has(label)),
  ).map(({ regulation, citation, text, source }) => ({ regulation, citation, text, source }));
}
