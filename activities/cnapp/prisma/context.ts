import { Failure, FailureType } from '../../../domain/failure.js';
import type { Finding } from '../../../domain/finding/finding.js';
import { plainText } from '../finding-parts.js';
import type { SourceContext } from '../port.js';
import { cell, nameOf, type Permissions, rqlText } from './permissions.js';

const ROWS = 1000;
const NEIGHBOURS = 100;
const OVER_ESTIMATE =
  'From the permission search of Prisma Cloud, which does not look at conditions, NotResource and variables: access may be less than this.';

/** Who reaches what, by the permission search: `config from iam` of the subject as source or as destination. */
export async function prismaContext(
  permissions: Permissions | undefined,
  finding: Finding,
): Promise<SourceContext> {
  if (permissions === undefined)
    return {
      reaches: [],
      reachedBy: [],
      notes: ['The permission search of Prisma Cloud is switched off here.'],
    };
  const isStore = finding.subject.type === 'store';
  const side = isStore ? 'dest' : 'source';
  const query = `config from iam where ${side}.cloud.resource.name = ${rqlText(nameOf(finding.subject.id))}`;
  try {
    const { rows, isCut } = await permissions.rows(query, ROWS);
    const own = rows.filter(
      (row) =>
        cell(row, `${side}ResourceId`) === finding.subject.id ||
        (isStore && cell(row, 'destResourceName') === finding.subject.name),
    );
    const others = neighbours(own, isStore ? 'source' : 'dest');
    return {
      reaches: isStore ? [] : others.map((each) => ({ ...each, labels: [] })),
      reachedBy: isStore ? others : [],
      notes: [OVER_ESTIMATE, ...(isCut ? [`Only the first ${ROWS} permissions were read.`] : [])],
    };
  } catch (error) {
    if (!(error instanceof Failure) || error.type !== FailureType.VendorRejected) throw error;
    return {
      reaches: [],
      reachedBy: [],
      notes: [`The permission search of Prisma Cloud does not answer: ${error.message}`],
    };
  }
}

function neighbours(rows: readonly unknown[], side: 'source' | 'dest'): { id: string; type: string }[] {
  const found = new Map<string, { id: string; type: string }>();
  for (const row of rows) {
    const id = plainText(cell(row, `${side}ResourceId`) ?? cell(row, `${side}ResourceName`), 2048);
    if (id === undefined || found.size >= NEIGHBOURS) continue;
    const service = cell(row, `${side}CloudServiceName`);
    const type = cell(row, `${side}ResourceType`);
    found.set(`${service} ${id}`, {
      id,
      type:
        plainText([service, type].filter((each) => each !== undefined && each !== '*').join(' ')) ??
        'resource',
    });
  }
  return [...found.values()];
}
