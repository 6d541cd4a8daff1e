import type { SampleFinding } from './finding.js';
import { FINDINGS } from './findings.js';
import { REGION } from './names.js';
import { ACCOUNT_NAMES, type ExportFile, type ScanState, shortName } from './scan-state.js';

const SEVERITY = {
  critical: 'CRITICAL',
  high: 'HIGH',
  medium: 'MEDIUM',
  low: 'LOW',
  info: 'INFORMATIONAL',
} as const;
const PROJECT = {
  id: '2a6f1c83-0d55-4b9e-8c1a-9be0f7d31a10',
  name: 'Larkfield',
  slug: 'larkfield',
  isFolder: false,
};
const ISSUES = ['stale-role', 'passrole-escalation', 'prompt-injection'];

/**
 * Wiz's GraphQL answers: issues, excessive access findings, data findings. Fields as its integrations ask for them;
 * the values are made up. Excessive access lists only what is open.
 */
export function wizExports(scan: ScanState): ExportFile[] {
  const of = (...keys: readonly string[]) => FINDINGS.filter((each) => keys.includes(each.key));
  const issues: unknown[] = of(...ISSUES).map((finding) => issue(finding, scan));
  // A record that a broken connector once wrote; whoever reads the export has to live with it.
  issues.push({
    id: null,
    type: 'TOXIC_COMBINATION',
    status: 'OPEN',
    severity: 12,
    createdAt: 'yesterday',
    entitySnapshot: 'gone',
  });
  const excessive = of('lambda-wildcards').filter((finding) => scan.isOpen(finding));
  return [
    { name: 'issues.json', content: page('issues', issues) },
    {
      name: 'excessive-access-findings.json',
      content: page(
        'excessiveAccessFindings',
        excessive.map((each) => excessiveAccess(each, scan)),
      ),
    },
    {
      name: 'data-findings.json',
      content: page(
        'dataFindingsV2',
        of('public-customer-data').map((each) => dataFinding(each, scan)),
      ),
    },
  ];
}

function page(root: string, nodes: readonly unknown[]): unknown {
  return {
    data: { [root]: { totalCount: nodes.length, nodes, pageInfo: { hasNextPage: false, endCursor: null } } },
  };
}

function issue(finding: SampleFinding, scan: ScanState): unknown {
  const isOpen = scan.isOpen(finding);
  return {
    id: finding.id,
    type: finding.key === 'passrole-escalation' ? 'TOXIC_COMBINATION' : 'CLOUD_CONFIGURATION',
    status: isOpen ? 'OPEN' : 'RESOLVED',
    severity: SEVERITY[finding.severity],
    createdAt: finding.firstSeen,
    updatedAt: scan.seenIso,
    statusChangedAt: isOpen ? finding.firstSeen : scan.seenIso,
    dueAt: null,
    resolvedAt: isOpen ? null : scan.seenIso,
    resolutionReason: isOpen ? null : 'ISSUE_FIXED',
    url: `https://app.wiz.io/issues#~(issue~'${finding.id})`,
    description: finding.text,
    sourceRule: rule(finding),
    projects: [{ ...PROJECT, businessUnit: 'Online pharmacy', riskProfile: { businessImpact: 'HBI' } }],
    entitySnapshot: {
      id: `${finding.id.slice(0, 8)}-aaaa-4aaa-8aaa-000000000001`,
      type: 'ACCESS_ROLE',
      nativeType: 'role',
      name: shortName(finding.subject),
      status: 'Active',
      cloudPlatform: 'AWS',
      cloudProviderURL: `https://us-east-1.console.aws.amazon.com/iam/home#/roles/details/${shortName(finding.subject)}`,
      providerId: finding.subject,
      region: null,
      resourceGroupExternalId: '',
      subscriptionExternalId: finding.account,
      subscriptionName: ACCOUNT_NAMES[finding.account],
      subscriptionTags: {},
      tags: scan.tags(finding.subject),
      externalId: finding.subject,
      createdAt: finding.firstSeen,
    },
    serviceTickets: [],
    notes: [],
  };
}

function rule(finding: SampleFinding): unknown {
  const category = { name: 'Identity Management', framework: { name: 'Wiz for Risk Assessment' } };
  const securitySubCategories = [
    { title: 'Privileged principal', category },
    {
      title: 'AC-6 Least Privilege',
      category: { name: 'AC Access Control', framework: { name: 'NIST SP 800-53 Revision 5' } },
    },
  ];
  if (finding.key === 'passrole-escalation') {
    return {
      __typename: 'Control',
      id: 'wc-id-1335',
      name: finding.title,
      controlDescription: finding.text,
      resolutionRecommendation: 'Restrict iam:PassRole.',
      securitySubCategories,
    };
  }
  const id = finding.key === 'stale-role' ? 'IAM-187' : 'IAM-229';
  return {
    __typename: 'CloudConfigurationRule',
    id,
    name: finding.title,
    cloudConfigurationRuleDescription: finding.text,
    remediationInstructions: 'Reduce the permissions of the role.',
    serviceType: 'AWS',
    securitySubCategories,
  };
}

function excessiveAccess(finding: SampleFinding, scan: ScanState): unknown {
  return {
    id: finding.id,
    name: finding.title,
    status: 'OPEN',
    severity: SEVERITY[finding.severity],
    remediationType: 'REDUCE_PERMISSIONS',
    excessiveServices: ['s3', 'dynamodb', 'sqs'],
    hasUnusedAdminPermissions: false,
    hasUnusedHighPermissions: true,
    hasUnusedDataPermissions: true,
    builtInPolicyRemediationName: null,
    description: finding.text,
    documentationUrl: null,
    remediationInstructions: 'Replace the wildcards by the actions that are used.',
    createdAt: finding.firstSeen,
    updatedAt: scan.seenIso,
    projects: [PROJECT],
    scope: {
      graphEntity: {
        id: 'scope-1',
        name: ACCOUNT_NAMES[finding.account],
        type: 'SUBSCRIPTION',
        properties: { externalId: finding.account },
      },
    },
    principal: {
      graphEntity: {
        id: '3f1be6a2-44c1-4e9b-97c8-0e5d3a7c2b01',
        name: shortName(finding.subject),
        type: 'ACCESS_ROLE',
        properties: {
          externalId: finding.subject,
          providerUniqueId: finding.subject,
          nativeType: 'role',
          lastSeen: finding.lastUsed,
          tags: scan.tags(finding.subject),
        },
      },
      cloudAccount: {
        id: '9d0c7a35-2b7e-4c7b-8f10-5a3e1d9f6c02',
        name: ACCOUNT_NAMES[finding.account],
        externalId: finding.account,
        cloudProvider: 'AWS',
      },
    },
    context: null,
    relatedIssueAnalytics: {
      issueCount: 0,
      criticalSeverityCount: 0,
      highSeverityCount: 0,
      mediumSeverityCount: 0,
      lowSeverityCount: 0,
    },
  };
}

function dataFinding(finding: SampleFinding, scan: ScanState): unknown {
  const isOpen = scan.isOpen(finding);
  return {
    id: finding.id,
    name: finding.title,
    severity: SEVERITY[finding.severity],
    status: isOpen ? 'OPEN' : 'RESOLVED',
    firstSeenAt: finding.firstSeen,
    updatedAt: scan.seenIso,
    totalMatchCount: 48_211,
    uniqueMatchCount: 19_872,
    maxUniqueMatchesReached: false,
    uniqueLocationsCount: 37,
    isEntityPublic: isOpen,
    externalSource: null,
    dataClassifier: {
      id: 'BUILTIN-4',
      name: 'E-mail address with postal address',
      category: 'PII',
      isTenantSpecific: false,
      securitySubCategories: [{ id: 'wsct-id-5432', title: 'Sensitive data' }],
    },
    cloudAccount: {
      id: '9d0c7a35-2b7e-4c7b-8f10-5a3e1d9f6c02',
      name: ACCOUNT_NAMES[finding.account],
      externalId: finding.account,
      cloudProvider: 'AWS',
    },
    location: { countryCode: 'US', state: 'Virginia' },
    graphEntity: {
      id: '71c5e0d4-8e8f-4c3a-b2f7-6f0a9c4d1e03',
      name: shortName(finding.subject),
      type: 'BUCKET',
      properties: {
        externalId: finding.subject,
        providerUniqueId: finding.subject,
        nativeType: 'bucket',
        region: REGION,
        tags: scan.tags(finding.subject),
      },
      projects: [PROJECT],
    },
  };
}
