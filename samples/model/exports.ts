import { laceworkExports } from './export-lacework.js';
import { orcaExports } from './export-orca.js';
import { prismaExports } from './export-prisma.js';
import { wizExports } from './export-wiz.js';
import type { Source } from './finding.js';
import type { ExportFile, ScanState } from './scan-state.js';

/** What each platform exports. */
export const EXPORTS = {
  wiz: wizExports,
  prisma: prismaExports,
  orca: orcaExports,
  lacework: laceworkExports,
} satisfies Record<Source, (scan: ScanState) => ExportFile[]>;

/** A JSON file as text, the same for the same content. */
export function jsonText(content: unknown): string {
  return `${JSON.stringify(content, null, 1)}\n`;
}
