import type { SampleFinding } from './finding.js';
import { LACEWORK } from './findings-lacework.js';
import { ORCA } from './findings-orca.js';
import { PRISMA } from './findings-prisma.js';
import { WIZ } from './findings-wiz.js';

/** Everything that is wrong at Larkfield. */
export const FINDINGS: readonly SampleFinding[] = [...WIZ, ...PRISMA, ...ORCA, ...LACEWORK];
