import { PolicyError } from '../../domain/iam/document.js';
import { buildReport } from '../../domain/report/build.js';
import type { InputFault, Report, ReportInput } from '../../domain/report/model.js';
import type { AnalyseOptions } from './command.js';
import { openProgress, type Progress } from './progress.js';
import { readInput } from './read-input.js';
import { refuseFolder, writeReport } from './write-report.js';
import { faultLine, WrongUsage } from './wrong-usage.js';

/** Faults that are told on standard error; all of them are in the report. */
const MAX_TOLD = 5;

/** Runs the analysis. Resolves to the exit code: 0 when the report is written, 2 when the input is not usable. */
export async function analyse(options: AnalyseOptions): Promise<0 | 2> {
  const progress = openProgress(options.quiet !== true);
  const startMs = performance.now();
  try {
    const refusal = await refuseFolder(options.out);
    if (refusal !== undefined) throw new WrongUsage(refusal);
    const input = await readInput(options, progress);
    const report = compute(input, progress);
    progress.say('writing the report');
    await writeReport(options.out, report);
    progress.end();
    tell(report.faults, 'could not be read and left out; the report names all of them');
    print(report, options, performance.now() - startMs);
    return 0;
  } catch (error) {
    progress.end();
    if (!(error instanceof WrongUsage || error instanceof PolicyError)) throw error;
    const where = error instanceof PolicyError && error.pointer !== '' ? ` (at ${error.pointer})` : '';
    if (error instanceof WrongUsage) tell(error.faults, 'could not be read');
    console.error(`${error.message}${where}`);
    return 2;
  }
}

function tell(faults: readonly InputFault[], words: string): void {
  if (faults.length === 0) return;
  console.error(`${faults.length} ${faults.length === 1 ? 'thing' : 'things'} ${words}:`);
  for (const fault of faults.slice(0, MAX_TOLD)) console.error(`  ${faultLine(fault)}`);
  if (faults.length > MAX_TOLD) console.error(`  … and ${faults.length - MAX_TOLD} more`);
}

function compute(input: ReportInput, progress: Progress): Report {
  const work = buildReport(input);
  for (;;) {
    const next = work.next();
    if (next.done === true) return next.value;
    const { step, done, total } = next.value;
    if (total > 1) progress.share(step, done, total);
    else progress.say(step);
  }
}

function print(report: Report, { out, json }: AnalyseOptions, elapsedMs: number): void {
  const { whatIf, trend, fixes, identities, accounts, faults } = report;
  const proved = fixes.filter(
    ({ proof }) => proof.verdict === 'proved' || proof.verdict === 'partial',
  ).length;
  if (json === true) {
    const summary = {
      out,
      accounts: accounts.length,
      identities: identities.length,
      overPermission: report.overPermission,
      whatIf,
      ...(trend === undefined ? {} : { trend }),
      fixes: fixes.length,
      proved,
      faults: faults.length,
      elapsedMs: Math.round(elapsedMs),
      // Node gives kilobytes on every platform.
      peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
    };
    console.log(JSON.stringify(summary));
    return;
  }
  const pair = ({ before, after }: { before: number; after: number }): string => `${before} → ${after}`;
  const since =
    trend?.overPermission == null ? '' : `, ${trend.overPermission.before} on ${trend.sinceIso.slice(0, 10)}`;
  const index = whatIf.overPermission === null ? 'unknown without a log' : pair(whatIf.overPermission);
  console.log(`${identities.length} identities in ${accounts.length} ${accounts.length === 1 ? 'account' : 'accounts'}, in ${(elapsedMs / 1000).toFixed(1)} s; now → with every fix:
over-permission index   ${index}${since}
effective permissions   ${pair(whatIf.effective)}
open escalation paths   ${pair(whatIf.openPaths)}
ways to sensitive data  ${pair(whatIf.reach)}
fixes                   ${fixes.length}, ${proved} proved
${out}/report.html`);
}
