import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { LifecyclePorts } from '../../activities/lifecycle/ports.js';
import type { LoadedConfig } from '../../runtime/config.js';

/** Products that a scripted run can play with in place of the embedded desk and the console. */
export interface DoubleChoice {
  itsm?: string;
  chat?: string;
}
/** What a person does in a product. */
export interface PersonsAct {
  email: string;
  verdict: 'approve' | 'reject';
  reason?: string;
  requestId: string;
  ticketId?: string;
}
/** Doubles that run, and the configuration that reaches them. */
export interface Doubles {
  loaded: LoadedConfig;
  /** Has a person act in the chat or in the ticket, taking turns; false when they must use the page. */
  act(act: PersonsAct): Promise<boolean>;
  /** What people see in the chat. */
  messages(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const Started = z.object({
  settings: z.record(z.string(), z.unknown()),
  secrets: z.record(z.string(), z.string()),
  control: z.url(),
});
const Acted = z.object({ done: z.boolean() });

/** Starts the doubles as processes of their own and puts them into the configuration; their secrets go into the environment. */
export async function startDoubles(
  loaded: LoadedConfig,
  choice: DoubleChoice,
  people: readonly { id: string; email: string }[],
): Promise<Doubles> {
  const { host, port } = loaded.config.gateway;
  const args = [`http://${host}:${port}`, JSON.stringify(people)];
  const children: ChildProcess[] = [];
  const start = async (kind: string | undefined) => {
    if (kind === undefined) return undefined;
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', 'test/support/double-child.ts', kind, ...args],
      {
        cwd: ROOT,
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    children.push(child);
    const started = Started.parse(JSON.parse(await firstLine(child, kind)));
    Object.assign(process.env, started.secrets);
    return { vendor: kind, ...started };
  };
  const [itsm, chat] = [await start(choice.itsm), await start(choice.chat)];
  const section = ({ vendor, settings }: { vendor: string; settings: Record<string, unknown> }) => ({
    vendor,
    settings,
  });
  const config = {
    ...loaded.config,
    ...(itsm !== undefined && { itsm: section(itsm) }),
    ...(chat !== undefined && { chat: [section(chat)] }),
  };
  const controls = [chat, itsm].filter((each) => each !== undefined).map(({ control }) => control);
  let turn = 0;
  return {
    loaded: { ...loaded, config },
    async act(act) {
      const control = controls[turn % controls.length];
      turn += 1;
      if (control === undefined) return false;
      const answer = await fetch(control, { method: 'POST', body: JSON.stringify(act) });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`a double: ${text}`);
      return Acted.parse(JSON.parse(text)).done;
    },
    async messages() {
      if (chat === undefined) return [];
      return z.array(z.string()).parse(await (await fetch(chat.control)).json());
    },
    async stop() {
      for (const child of children) child.kill('SIGTERM');
    },
  };
}

async function firstLine(child: ChildProcess, kind: string): Promise<string> {
  if (child.stdout === null) throw new Error(`the double of ${kind} has no output`);
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error(`the double of ${kind} ended before it said where it is`);
}

/** That every request which has ended shows its end in its ticket and in its messages. */
export async function endStates(
  ports: LifecyclePorts,
  doubles: Doubles,
): Promise<{ lines: readonly string[]; faults: readonly string[] }> {
  const faults: string[] = [];
  const messages = await doubles.messages();
  const requests = (await ports.ledger.requests({ limit: 1_000 })).filter(({ status }) => status !== 'open');
  let tickets = 0;
  for (const { request, ticket, status } of requests) {
    if (ticket === undefined) continue;
    tickets += 1;
    const { state } = await ports.tickets.read(ticket.id);
    if (state === 'open' || state === 'missing')
      faults.push(`${ticket.number} is ${state}, its request ${status}`);
    const offering = messages.some(
      (text) => text.includes('curtail.approve') && text.includes(request.digest),
    );
    if (offering) faults.push(`a message still offers a decision about ${request.id}, which is ${status}`);
  }
  const shown = messages.filter((text) => /(Approved|Rejected|Edited|Expired|Void)\b/.test(text)).length;
  return {
    lines: [
      `end states: ${tickets} tickets of ${requests.length} requests, ${shown} of ${messages.length} messages`,
    ],
    faults,
  };
}
