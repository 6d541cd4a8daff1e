import { createHash } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { access, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ChangeError } from '../../domain/change/error.js';
import {
  CHANGE_FORMATS,
  type ChangeFormat,
  type RenderedFile,
  renderChange,
} from '../../domain/change/render.js';
import type { Report, ReportFix } from '../../domain/report/model.js';
import { reportPage } from '../../domain/report/page.js';
import { SCRIPT } from '../../domain/report/page-style.js';

const PAGE = 'report.html';
const VALUES = 'report.json';
const FIXES = 'fixes';
/** Beside a proof: `curtail proof verify <proof.json> --inputs <this folder>` computes it again. */
const INPUTS = 'inputs';

/**
 * Makes the folder before anything is computed. Answers why it is not written to, as a sentence: it cannot be made, or it
 * holds something that is no earlier report.
 */
export async function refuseFolder(folder: string): Promise<string | undefined> {
  let names: readonly string[];
  try {
    await makeFolder(resolve(folder));
    await access(folder, constants.W_OK);
    names = await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return `--out ${folder}: it cannot be written to (${code ?? String(error)}); name another folder`;
  }
  if (names.length === 0 || names.includes(VALUES)) return undefined;
  return `--out ${folder}: the folder is not empty and holds no earlier report; name another one`;
}

/** Level by level: a recursive `mkdir` never returns below a file system that takes no folders, such as /proc. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    const parent = dirname(folder);
    if (code !== 'ENOENT' || parent === folder || existsSync(parent)) throw error;
    await makeFolder(parent);
    await mkdir(folder);
  }
}

/** Writes the page, the values, and a folder of files for each fix. An earlier report in the folder is replaced. */
export async function writeReport(folder: string, report: Report): Promise<void> {
  await rm(join(folder, FIXES), { recursive: true, force: true });
  await writeFile(join(folder, VALUES), `${JSON.stringify(valuesOf(report), null, 1)}\n`);
  for (const fix of report.fixes) await writeFix(join(folder, fix.folder), fix);
  const scriptDigest = createHash('sha256').update(SCRIPT, 'utf8').digest('base64');
  await writeFile(join(folder, PAGE), reportPage(report, scriptDigest));
}

/** The report for programs: what makes it long lies in the fixes' folders. */
function valuesOf(report: Report): object {
  return {
    ...report,
    fixes: report.fixes.map(({ inputs: _, removed, kept, ...fix }) => ({
      ...fix,
      removed: removed.length,
      kept: kept.length,
    })),
  };
}

async function writeFix(folder: string, fix: ReportFix): Promise<void> {
  await mkdir(join(folder, INPUTS), { recursive: true });
  const { proof, inputs, changes, removed, kept, confidence, subjects, title } = fix;
  await writeFile(join(folder, 'proof.json'), `${JSON.stringify(proof, null, 1)}\n`);
  for (const [name, value] of Object.entries(inputs))
    await writeFile(join(folder, INPUTS, `${name}.json`), `${JSON.stringify(value)}\n`);
  const change = { title, subjects, changes, removed, kept, confidence };
  await writeFile(join(folder, 'change.json'), `${JSON.stringify(change, null, 1)}\n`);
  for (const format of CHANGE_FORMATS) {
    await mkdir(join(folder, format), { recursive: true });
    for (const { name, text } of rendered(fix, format)) await writeFile(join(folder, format, name), text);
  }
}

/** The changes in one form, numbered where several must be applied in order; what a form cannot say is told in a file. */
function rendered({ changes }: ReportFix, format: ChangeFormat): RenderedFile[] {
  return changes.flatMap((change, i) => {
    const number = changes.length > 1 ? `${String(i + 1).padStart(2, '0')}-` : '';
    try {
      return renderChange(change, format).files.map(({ name, text }) => ({ name: `${number}${name}`, text }));
    } catch (error) {
      if (!(error instanceof ChangeError)) throw error;
      return [{ name: `${number}not-possible.txt`, text: `${error.message}\n` }];
    }
  });
}
