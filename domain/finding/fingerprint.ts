import { canonicalJson } from '../json.js';
import type { Finding } from './finding.js';

/** First 32 hex characters of the SHA-256 of the canonical key: the finding's name in ids. */
export function findingKey(finding: Pick<Finding, 'canonicalKey'>, digest: (text: string) => string): string {
  return digest(finding.canonicalKey).slice(0, 32);
}

/**
 * Digest of what matters about a finding. Times, notes and the platform's own status are left out: a re-detection
 * that changes nothing else has the same fingerprint.
 */
export function fingerprint(finding: Finding, digest: (text: string) => string): string {
  const { kind, severity, subject, resources, labels, evidence } = finding;
  const { permissions, unusedPermissions, policy, policyArn } = evidence;
  return digest(
    canonicalJson({
      kind,
      severity,
      subject: subject.id,
      credential: subject.credentialId ?? null,
      resources: resources.map((resource) => resource.id).sort(),
      labels: [...labels].sort(),
      permissions: [...(permissions ?? [])].sort(),
      unused: [...(unusedPermissions ?? [])].sort(),
      policy: policy ?? null,
      policyArn: policyArn ?? null,
    }),
  );
}
