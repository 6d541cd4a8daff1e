import type { SampleFinding } from './finding.js';
import { FINDINGS } from './findings.js';
import { arn, PRODUCTION, REGION } from './names.js';
import { ACCOUNT_NAMES, type ExportFile, type ScanState, shortName } from './scan-state.js';

const SCORE = { critical: 9.2, high: 7.4, medium: 5.1, low: 2.8, info: 1 } as const;
const LEGACY = {
  critical: 'compromised',
  high: 'imminent compromise',
  medium: 'hazardous',
  low: 'informational',
  info: 'informational',
} as const;

/** Orca's answer to a serving-layer query for alerts. Fields as its connectors read them; values are made up. */
export function orcaExports(scan: ScanState): ExportFile[] {
  const data = FINDINGS.filter((each) => each.source === 'orca').map((finding) => row(finding, scan));
  return [{ name: 'alerts.json', content: { status: 'success', total_items: data.length, data } }];
}

function row(finding: SampleFinding, scan: ScanState): unknown {
  const fields = { ...alertFields(finding, scan), ...identityFields(finding) };
  const uniqueId = assetId(finding);
  return {
    id: `${finding.id.slice(5)}-0000-4000-8000-000000000000`,
    type: 'Alert',
    data: Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, { value }])),
    name: finding.id,
    group_unique_id: uniqueId,
    cluster_unique_id: uniqueId,
    asset_unique_id: uniqueId,
    last_seen: offset(scan.seenIso),
  };
}

function alertFields(finding: SampleFinding, scan: ScanState): Record<string, unknown> {
  const isOpen = scan.isOpen(finding);
  const kind = kindOf(finding);
  return {
    AlertId: finding.id.slice(5),
    Name: finding.id,
    AlertSource: 'Orca Scan',
    AlertType: finding.title,
    RuleType: kind.ruleType,
    RuleId: `r${kind.ruleType.length.toString(16)}f7c2a1d0`,
    RuleSource: 'Orca',
    Title: finding.title,
    Description: finding.title,
    Details: finding.text,
    Recommendation: kind.recommendation,
    RemediationCli: [],
    RemediationConsole: [],
    Category: kind.category,
    RiskLevel: finding.severity === 'info' ? 'informational' : finding.severity,
    Severity: LEGACY[finding.severity],
    OrcaScore: SCORE[finding.severity],
    Score: 3,
    Status: isOpen ? 'open' : 'closed',
    UserDefinedStatus: 'open',
    StatusTime: offset(isOpen ? finding.firstSeen : scan.seenIso),
    CreatedAt: offset(finding.firstSeen),
    LastUpdated: offset(scan.seenIso),
    LastSeen: offset(scan.seenIso),
    ClosedTime: isOpen ? null : offset(scan.seenIso),
    ClosedReason: isOpen ? null : 'alert no longer detected',
    IsLive: true,
    CommentsCount: 0,
    VerificationStatus: null,
    Labels: kind.labels,
    RelatedCompliances: ['CIS AWS Foundations Benchmark 3.0.0'],
    RiskFindings: kind.findings,
    AssetData: {
      asset_name: shortName(finding.subject),
      asset_type: kind.assetType,
      asset_category: kind.assetCategory,
      asset_state: 'enabled',
      asset_unique_id: assetId(finding),
      asset_vendor_id: finding.subject,
      asset_arn: finding.subject,
      account_name: ACCOUNT_NAMES[finding.account],
      cloud_provider: 'aws',
      cloud_vendor_id: finding.account,
      asset_regions: kind.assetType === 'AwsS3Bucket' ? [REGION] : ['global'],
      asset_tags_info_list: Object.entries(scan.tags(finding.subject)).map(
        ([key, value]) => `${key}|${value}`,
      ),
      custom_tags_info_list: [],
    },
  };
}

function identityFields(finding: SampleFinding): Record<string, unknown> {
  if (finding.granted === undefined) return {};
  const shared = finding.key.startsWith('shared-policy');
  return {
    ...(shared && { PolicyArn: arn.policy(PRODUCTION, 'SharedWebTierPolicy') }),
    EntityAuthorizedServices: [...new Set(finding.granted.map((action) => action.split(':')[0]))],
    ...(finding.unused !== undefined && { UnusedPermissions: finding.unused, ObservationDays: 90 }),
  };
}

interface Kind {
  ruleType: string;
  category: string;
  assetType: string;
  assetCategory: string;
  recommendation: string;
  labels: readonly string[];
  findings: unknown;
}

function kindOf(finding: SampleFinding): Kind {
  const role = {
    category: 'IAM misconfigurations',
    assetType: 'AwsIamRole',
    assetCategory: 'Users and Access',
  };
  const bucket = {
    assetType: 'AwsS3Bucket',
    assetCategory: 'Storage',
    labels: ['PHI'],
    findings: { data: { labels: ['PHI'], objects: 1_240 } },
  };
  if (finding.key === 'unencrypted-records') {
    return {
      ...bucket,
      category: 'Data at risk',
      ruleType: 'aws_s3_bucket_without_default_encryption',
      recommendation: 'Encrypt the bucket with a key of KMS.',
    };
  }
  if (finding.key === 'unlogged-records') {
    return {
      ...bucket,
      category: 'Data protection',
      ruleType: 'aws_s3_bucket_access_logging_disabled',
      recommendation: 'Switch the access log on.',
    };
  }
  if (finding.key === 'break-glass') {
    return {
      ...role,
      ruleType: 'aws_iam_role_with_admin_privileges',
      recommendation: 'Detach AdministratorAccess.',
      labels: ['mitre: privilege escalation'],
      findings: {},
    };
  }
  return {
    ...role,
    ruleType: 'aws_role_with_unused_services',
    recommendation: 'Reduce Permissions',
    labels: ['mitre: privilege escalation'],
    findings: {},
  };
}

function assetId(finding: SampleFinding): string {
  return `${kindOf(finding).assetType}_${finding.account}_${shortName(finding.subject)}`;
}

function offset(iso: string): string {
  return iso.replace(/(\.\d+)?Z$/, '+00:00');
}
