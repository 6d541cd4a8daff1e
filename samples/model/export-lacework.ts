import type { SampleFinding } from './finding.js';
import { FINDINGS } from './findings.js';
import { ACCOUNT_NAMES, type ExportFile, type ScanState, shortName } from './scan-state.js';

const SEVERITY = { critical: 'Critical', high: 'High', medium: 'Medium', low: 'Low', info: 'Info' } as const;
const POLICY: Readonly<Record<string, string>> = {
  'stale-key': 'LW_AWS_IAM_12',
  'seasonal-use': 'LW_AWS_IAM_20',
  'below-floor': 'LW_AWS_IAM_21',
};

/** Lacework's answers: `POST /api/v2/Alerts/search`, and an LQL query of `LW_CE_IDENTITIES` and `LW_CE_ENTITLEMENTS`. Values are made up. */
export function laceworkExports(scan: ScanState): ExportFile[] {
  const findings = FINDINGS.filter((each) => each.source === 'lacework');
  const alerts = findings.map((finding) => alert(finding, scan));
  const open = findings.filter((finding) => scan.isOpen(finding));
  return [
    {
      name: 'alerts.json',
      content: {
        paging: { rows: alerts.length, totalRows: alerts.length, urls: { nextPage: null } },
        data: alerts,
      },
    },
    { name: 'identities.json', content: { data: open.map((finding) => identity(finding, scan)) } },
    { name: 'entitlements.json', content: { data: open.flatMap(entitlements) } },
  ];
}

function alert(finding: SampleFinding, scan: ScanState): unknown {
  const isKey = finding.check.type === 'key-active';
  return {
    alertId: Number(finding.id),
    startTime: millis(finding.firstSeen),
    endTime: millis(scan.seenIso),
    alertType: 'CloudActivity',
    severity: SEVERITY[finding.severity],
    status: scan.isOpen(finding) ? 'Open' : 'Closed',
    reachability: 'UnknownReachability',
    internetExposure: 'UnknownInternetExposure',
    derivedFields: { category: 'Policy', sub_category: 'Identity', source: 'AWS' },
    lastUserUpdatedTime: '0',
    alertName: finding.title,
    alertInfo: { subject: `${finding.title}: ${shortName(finding.subject)}`, description: finding.text },
    policyId: POLICY[finding.key],
    alertSource: 'UnknownAlertSource',
    entityMap: {
      [isKey ? 'CT_User' : 'CT_Role']: [
        {
          KEY: { arn: finding.subject },
          PROPS: {
            account: finding.account,
            name: shortName(finding.subject),
            ...(finding.check.type === 'key-active' && { access_key_id: finding.check.key }),
          },
        },
      ],
    },
  };
}

function identity(finding: SampleFinding, scan: ScanState): unknown {
  const total = finding.granted?.length ?? 1;
  const unused = finding.unused?.length ?? (finding.check.type === 'key-active' ? 1 : 0);
  return {
    PRINCIPAL_ID: finding.subject,
    PROVIDER_TYPE: finding.subject.includes(':user/') ? 'AWS_USER' : 'AWS_ROLE',
    NAME: shortName(finding.subject),
    DOMAIN_ID: finding.account,
    DOMAIN_NAME: ACCOUNT_NAMES[finding.account],
    CREATED_TIME: millis(finding.firstSeen),
    LAST_USED_TIME: finding.lastUsed === undefined ? null : millis(finding.lastUsed),
    METRICS: {
      risks:
        finding.check.type === 'key-active'
          ? ['UNUSED_180DAYS_ACTIVE_ACCESS_KEY', 'UNUSED_180DAYS_USER']
          : ['ALLOWS_RESOURCE_EXPOSURE'],
      risk_severity: SEVERITY[finding.severity].toUpperCase(),
      risk_score: finding.severity === 'info' ? 120 : 480,
      lateral_movement_principals: 0,
    },
    ACCESS_KEYS:
      finding.check.type === 'key-active'
        ? {
            [finding.check.key]: {
              status: 'Active',
              last_used_time: millis(finding.lastUsed ?? finding.firstSeen),
            },
          }
        : {},
    ENTITLEMENT_COUNTS: {
      entitlements_total_count: total,
      entitlements_unused_count: unused,
      entitlements_unused_percentage: Math.min(100, Math.round((unused / total) * 100)),
    },
    TAGS: scan.tags(finding.subject),
  };
}

function entitlements(finding: SampleFinding): unknown[] {
  return (finding.granted ?? []).map((action) => ({
    PRINCIPAL_ID: finding.subject,
    SERVICE: action.split(':')[0],
    RESOURCE_TYPE: '*',
    RESOURCE_ID: '*',
    POLICY_ID: `${finding.subject}/inline`,
    ACTION: action,
    LAST_USED_TIME:
      finding.unused?.includes(action) === true ? null : millis(finding.lastUsed ?? finding.firstSeen),
  }));
}

function millis(iso: string): string {
  return new Date(iso).toISOString();
}
