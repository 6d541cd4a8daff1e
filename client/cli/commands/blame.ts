import { stdin } from 'node:process';
import type { BlamedChange, BlameReport } from '../../../activities/lifecycle/blame.js';
import { MAX_BLAME_LENGTH, readBlame } from '../../../domain/blame/denial.js';
import type { Blamed } from '../../../domain/blame/verdict.js';
import type { UndoOffer } from '../../gateway/blame-offer.js';
import type { OperationOptions } from '../operations.js';
import { printJson, printTable, safe } from '../print.js';
import { api } from './findings.js';

type Answer = BlameReport & { undo?: UndoOffer };

const LEADS: Readonly<Record<Blamed['verdict'], string>> = {
  yes: 'Yes, a change of Curtail caused this:',
  no: 'No:',
  unknown: 'Can\u2019t tell, because',
};

/**
 * `curtail blame`: what Curtail changed at an ARN, or whether it caused a denial. Exit 0 when there is such a change,
 * 1 when there is none or nobody can tell, 2 when the text is neither.
 */
export async function blame(
  words: readonly string[],
  options: OperationOptions & Record<string, unknown>,
): Promise<0 | 1 | 2> {
  const given = words.length === 1 && words[0] === '-' ? await piped() : words.join(' ');
  const about = given.trim().slice(0, MAX_BLAME_LENGTH);
  const read = readBlame(about);
  if (read.kind === 'unreadable') {
    console.error(`that cannot be looked up: ${safe(read.why)}`);
    return 2;
  }
  const answer = await api(options).get<Answer>(`/blame?${new URLSearchParams({ about })}`);
  if (options.json === true) printJson(answer);
  else describe(answer);
  const found = answer.blame === undefined ? answer.changes.length > 0 : answer.blame.verdict === 'yes';
  return found ? 0 : 1;
}

/** The start of standard input: a message has quotes and brackets that shells take for their own. */
async function piped(): Promise<string> {
  let text = '';
  stdin.setEncoding('utf8');
  for await (const chunk of stdin) {
    text += String(chunk);
    if (text.length > MAX_BLAME_LENGTH) break;
  }
  return text;
}

function describe({ blame: verdict, changes, undo, more }: Answer): void {
  if (verdict !== undefined) console.log(safe(`${LEADS[verdict.verdict]} ${verdict.why}`));
  else if (changes.length === 0) console.log('Curtail has changed nothing here.');
  for (const [index, change] of changes.entries()) {
    if (verdict !== undefined || index > 0) console.log('');
    printTable(['', ''], linesOf(change));
  }
  if (more) console.log('\nOnly the newest are shown.');
  if (undo === undefined) return;
  console.log(
    `\nTo have it undone, which others decide:\n  ${safe(undo.command)}\n  or at ${safe(undo.url)}`,
  );
}

function linesOf(change: BlamedChange): readonly (readonly string[])[] {
  const { blame: verdict, appliedAtMs } = change;
  return [
    ...change.what.map((what, index) => [index === 0 ? 'what' : '', what]),
    ['when', appliedAtMs === undefined ? 'never' : new Date(appliedAtMs).toISOString()],
    ['status', `${change.status}${change.note === undefined ? '' : `: ${change.note}`}`],
    ['by', letThroughBy(change)],
    ['finding', change.findingKey],
    ...(verdict === undefined ? [] : [['to blame', `${verdict.verdict}: ${verdict.why}`]]),
  ];
}

function letThroughBy({ approvals, standing }: BlamedChange): string {
  if (standing !== undefined)
    return `standing approval ${standing.id}${standing.grantedBy === undefined ? '' : ` of ${standing.grantedBy}`}`;
  return approvals.map(({ name }) => name).join(', ') || 'nobody';
}
