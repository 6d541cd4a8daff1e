import type { Finding } from '../../domain/finding/finding.js';
import type { CnappSource } from '../cnapp/port.js';
import type { LifecyclePorts } from './ports.js';

/** The configured source that speaks for a finding's platform; undefined for findings that were only handed in. */
export function sourceOf(
  ports: Pick<LifecyclePorts, 'sources'>,
  finding: Pick<Finding, 'source'>,
): CnappSource | undefined {
  for (const source of ports.sources.values()) if (source.traits.vendor === finding.source) return source;
  return undefined;
}
