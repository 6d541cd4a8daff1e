import type { FastifyInstance } from 'fastify';
import type { FindingRow } from '../../../activities/ledger/port.js';
import { html, type SafeHtml } from '../../../domain/text/html.js';
import { isOperator } from '../access.js';
import type { ControlReceipt } from '../control.js';
import { type Gateway, goTo, pathId, postForm, type Visit } from '../kit.js';
import { section } from '../layout.js';
import { notFound, PageError } from '../page-error.js';

/** What an operator may ask of a finding's workflow on its page. */
export const COMMANDS = ['retry', 'resume', 'cancel'] as const;
export type Command = (typeof COMMANDS)[number];

/** An operator's commands about one finding; each is a row of the audit chain before it is given. */
export function registerCommands(app: FastifyInstance, gateway: Gateway): void {
  for (const command of COMMANDS) {
    postForm(app, gateway, `/findings/:id/${command}`, async (visit) => {
      if (!isOperator(visit.person))
        throw new PageError(403, 'Not yours to do', 'This needs the role operator.');
      const row = await gateway.ledger.finding(pathId(visit.request));
      if (row === undefined) throw notFound('finding');
      const receipt = await runCommand(gateway, command, row, visit.person.id);
      return goTo(visit, `/findings/${row.key}`, {
        tone: receipt.done ? 'good' : 'warn',
        text: receipt.message,
      });
    });
  }
}

/** Records and gives one command. */
export async function runCommand(
  gateway: Gateway,
  command: Command,
  row: FindingRow,
  actor: string,
): Promise<ControlReceipt> {
  const atMs = gateway.now();
  await gateway.ledger.audit([
    {
      id: `gateway/${command}/${row.key}/${atMs}/${actor}`,
      stream: 'gateway',
      type: `operator.${command}`,
      actor,
      atMs,
      findingKey: row.key,
      ...(row.workflowId !== undefined && { workflowId: row.workflowId }),
      fields: { generation: row.generation },
    },
  ]);
  if (command === 'resume') return gateway.control.resume(row.key);
  const workflowId = row.clusterId ?? row.workflowId;
  if (workflowId === undefined) return { done: false, message: 'Nothing runs for this finding.' };
  return command === 'retry' ? gateway.control.retry(workflowId) : gateway.control.cancel(workflowId);
}

/** The commands that make sense now, for operators only. */
export function commandsPart(visit: Visit, row: FindingRow): SafeHtml | false {
  if (!isOperator(visit.person)) return false;
  const ended = row.stage === 'closed' || row.stage === 'stopped';
  const offered: [Command, string, boolean][] = [
    ['retry', 'Try again now', row.stage === 'parked'],
    ['resume', 'Start anew', ended],
    ['cancel', 'Cancel', !ended],
  ];
  return section(
    'commands',
    'For operators',
    html`<div class="chips">${offered
      .filter(([, , sensible]) => sensible)
      .map(
        ([command, text]) =>
          html`<form method="post" action="/findings/${row.key}/${command}"><input type="hidden" name="csrf" value="${visit.session.csrf}"><button type="submit">${text}</button></form>`,
      )}</div>`,
    'Each goes on record. None of them changes anything in the cloud by itself.',
  );
}
