import { z } from 'zod';
import type { EarlierReport } from '../../domain/report/trend.js';
import { readJson } from './json-files.js';

const Before = z.object({ before: z.number() });
const Earlier = z.object({
  format: z.literal('curtail-report/1'),
  generatedIso: z.string().max(40),
  overPermission: z.number().nullable(),
  scope: z.object({ team: z.string().optional(), environment: z.string().optional() }),
  whatIf: z.object({ effective: Before, openPaths: Before }),
  accounts: z.array(
    z.object({
      id: z.string(),
      overPermission: z.number().nullable(),
      coverage: z.object({ provable: z.number() }),
    }),
  ),
  identities: z.array(
    z.object({ arn: z.string(), overPermission: z.object({ index: z.number().nullable() }) }),
  ),
});

/** Which part of the accounts a report is about. */
interface ReportScope {
  team?: string;
  environment?: string;
}

/**
 * Reads the `report.json` of an earlier analysis.
 * @throws Error when it is none, or is about another team or environment: their indexes do not compare.
 */
export async function readEarlier(path: string, scope: ReportScope): Promise<EarlierReport> {
  const read = await readJson(path);
  if (!read.ok)
    throw new Error(`reading ${path}: ${read.reason}; pass the report.json of an earlier analysis`);
  const parsed = Earlier.safeParse(read.value);
  if (!parsed.success) {
    const [first] = parsed.error.issues;
    const place = first === undefined ? '' : ` at /${first.path.join('/')}`;
    throw new Error(
      `reading ${path}: no report of Curtail${place}; pass the report.json of an earlier analysis`,
    );
  }
  const { scope: then, generatedIso, overPermission, whatIf, accounts, identities } = parsed.data;
  if (then.team !== scope.team || then.environment !== scope.environment)
    throw new Error(
      `reading ${path}: it is about ${scopeWords(then)} and this analysis about ${scopeWords(scope)}; compare like with like`,
    );
  return {
    generatedIso,
    overPermission,
    effective: whatIf.effective.before,
    openPaths: whatIf.openPaths.before,
    provable: accounts.reduce((sum, { coverage }) => sum + coverage.provable, 0),
    accounts: new Map(accounts.map((each) => [each.id, each.overPermission])),
    identities: new Map(identities.map(({ arn, overPermission: { index } }) => [arn, index])),
  };
}

function scopeWords({
  team,
  environment,
}: {
  team?: string | undefined;
  environment?: string | undefined;
}): string {
  const words = [
    ...(team === undefined ? [] : [`team ${team}`]),
    ...(environment === undefined ? [] : [`environment ${environment}`]),
  ];
  return words.length === 0 ? 'everything' : words.join(', ');
}
