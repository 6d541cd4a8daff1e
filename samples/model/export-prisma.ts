import type { SampleFinding } from './finding.js';
import { FINDINGS } from './findings.js';
import { REGION } from './names.js';
import { ACCOUNT_NAMES, type ExportFile, type ScanState, shortName } from './scan-state.js';

const POLICY_IDS: Readonly<Record<string, string>> = {
  'ecs-terminate': '5f0b2a1c-7c3d-4e57-9d5e-2b8a6c0f1101',
  'false-alarm': '5f0b2a1c-7c3d-4e57-9d5e-2b8a6c0f1102',
  'public-database': '5f0b2a1c-7c3d-4e57-9d5e-2b8a6c0f1103',
};

/** Prisma Cloud's answers: `POST /v2/alert?detailed=true`, and the permission search of its IAM module. Values are made up. */
export function prismaExports(scan: ScanState): ExportFile[] {
  const findings = FINDINGS.filter((each) => each.source === 'prisma');
  const items = findings.map((finding) => alert(finding, scan));
  const rows = findings
    .filter((each) => each.granted !== undefined && scan.isOpen(each))
    .flatMap(permissions);
  return [
    {
      name: 'alerts.json',
      content: {
        totalRows: items.length,
        items,
        dynamicColumns: ['alert.id'],
        sortAllowedColumns: ['firstSeen'],
      },
    },
    {
      name: 'iam-permissions.json',
      content: {
        data: {
          items: rows,
          nextPageToken: null,
          totalRows: rows.length,
          searchedDestCloudResourceNames: [],
        },
        query: "config from iam where action.lastaccess.days > 30 and source.cloud.type = 'AWS'",
        id: null,
        saved: false,
        name: null,
        timeRange: { type: 'to_now', value: 'epoch' },
        searchType: 'iam',
        description: null,
        cloudType: 'aws',
      },
    },
  ];
}

function alert(finding: SampleFinding, scan: ScanState): unknown {
  const isOpen = scan.isOpen(finding);
  const firstSeen = Date.parse(finding.firstSeen);
  const seen = Date.parse(scan.seenIso);
  const policyId = POLICY_IDS[finding.key];
  return {
    id: finding.id,
    status: isOpen ? 'open' : 'resolved',
    reason: isOpen ? 'NEW_ALERT' : 'RESOURCE_UPDATED',
    firstSeen,
    lastSeen: seen,
    alertTime: isOpen ? firstSeen : seen,
    lastUpdated: seen,
    policyId,
    saveSearchId: policyId,
    metadata: { saveSearchId: policyId },
    policy: {
      policyId,
      name: finding.title,
      policyType: finding.granted === undefined ? 'config' : 'iam',
      systemDefault: true,
      description: finding.text,
      severity: finding.severity === 'info' ? 'informational' : finding.severity,
      recommendation: 'Check the impact on your applications before you change anything.',
      complianceMetadata: [
        {
          standardName: 'PCI DSS v4.0',
          requirementId: '7',
          requirementName:
            'Restrict access to system components and cardholder data by business need to know',
          sectionId: '7.2.2',
          complianceId: 'pci-7-2-2',
          systemDefault: true,
          customAssigned: false,
        },
      ],
      labels: [],
      deleted: false,
      remediable: false,
    },
    alertRules: [],
    history: [{ modifiedBy: 'Prisma Cloud', modifiedOn: firstSeen, status: 'OPEN', reason: 'NEW_ALERT' }],
    resource: resource(finding, scan),
    alertAdditionalInfo: { scannerVersion: 'CS_2.0' },
  };
}

function resource(finding: SampleFinding, scan: ScanState): unknown {
  const isRole = finding.granted !== undefined;
  const tags = Object.entries(scan.tags(finding.subject)).map(([key, value]) => ({ key, value }));
  return {
    rrn: `rrn::${isRole ? 'role' : 'managedDatabase'}:${isRole ? '' : REGION}:${finding.account}:${encodeURIComponent(finding.subject)}`,
    id: finding.subject,
    name: shortName(finding.subject),
    account: ACCOUNT_NAMES[finding.account],
    accountId: finding.account,
    cloudAccountGroups: ['Larkfield'],
    region: isRole ? 'AWS Global' : 'AWS Virginia',
    regionId: isRole ? 'global' : REGION,
    resourceType: isRole ? 'IAM_ROLE' : 'MANAGED_DATABASE',
    resourceApiName: isRole ? 'aws-iam-list-roles' : 'aws-rds-describe-db-instances',
    cloudServiceName: isRole ? 'AWS IAM' : 'Amazon RDS',
    url: null,
    data: isRole
      ? { arn: finding.subject, roleName: shortName(finding.subject), tags }
      : {
          dbinstanceArn: finding.subject,
          dbinstanceIdentifier: shortName(finding.subject),
          publiclyAccessible: scan.isOpen(finding),
          engine: 'postgres',
          tags,
        },
    additionalInfo: {},
    cloudType: 'aws',
    resourceTs: Date.parse(scan.seenIso),
    unifiedAssetId: finding.id.replace('-', '').toLowerCase().padEnd(32, '0'),
    resourceTags: tags,
  };
}

function permissions(finding: SampleFinding): unknown[] {
  return (finding.granted ?? []).map((action, index) => {
    const isUnused = finding.unused?.includes(action) === true;
    const service = action.split(':')[0] ?? '';
    return {
      id: `${finding.id}-${index + 1}`,
      sourcePublic: false,
      sourceCloudType: 'AWS',
      sourceCloudAccount: ACCOUNT_NAMES[finding.account],
      sourceCloudRegion: 'AWS Global',
      sourceCloudServiceName: 'iam',
      sourceResourceName: shortName(finding.subject),
      sourceResourceType: 'role',
      sourceResourceId: finding.subject,
      destCloudType: 'AWS',
      destCloudAccount: ACCOUNT_NAMES[finding.account],
      destCloudServiceName: service,
      destResourceName: '*',
      destResourceType: '*',
      destResourceId: '*',
      grantedByCloudType: 'AWS',
      grantedByCloudPolicyId: `${finding.subject}/inline`,
      grantedByCloudPolicyName: 'inline',
      grantedByCloudPolicyType: 'Inline Policy',
      grantedByCloudPolicyAccount: ACCOUNT_NAMES[finding.account],
      grantedByCloudEntityId: finding.subject,
      grantedByCloudEntityName: shortName(finding.subject),
      grantedByCloudEntityType: 'role',
      grantedByCloudEntityAccount: ACCOUNT_NAMES[finding.account],
      lastAccessDate: isUnused ? null : finding.lastUsed?.slice(0, 10),
      lastAccessStatus: isUnused ? 'NOT_ACCESSED_IN_TRACKING_PERIOD' : 'ACCESSED',
      accessedResourcesCount: isUnused ? 0 : 1,
      effectiveActionName: action,
      exceptions: [],
      wildCardDestCloudResourceName: true,
    };
  });
}
