import { z } from 'zod';
import { RecordError } from '../../../activities/cnapp/finding-parts.js';
import { platformMaps } from '../../../activities/cnapp/maps.js';
import { FINDING_SOURCES, type Finding } from '../../../domain/finding/finding.js';
import { PolicyError } from '../../../domain/iam/document.js';
import { checkShape } from './input.js';

const LineShape = z.object({ source: z.enum(FINDING_SOURCES), payload: z.unknown() });

/**
 * `curtail finding normalise`: one record of a platform, or a plain payload, as finding in our words.
 * @throws PolicyError pointing into the line
 */
export function findingNormalise(line: unknown): { finding: Finding } {
  const { source, payload } = checkShape(
    LineShape,
    line,
    `{"source": ${FINDING_SOURCES.join('|')}, "payload": one record as the platform writes it}`,
  );
  try {
    return {
      finding: platformMaps[source].toFinding(payload, { evidence: new Map(), warn: () => undefined }),
    };
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    throw new PolicyError('InvalidInput', `/payload${error.pointer ?? ''}`, error.message);
  }
}
