import type { TemporalServer } from '../../runtime/temporal-server.js';

/** The server counts a moment after it answers; what has not grown for this long is counted whole. */
const QUIET_MS = 3_000;

/** Actions that the server counted so far, as Temporal Cloud would bill them. Read until nothing is added any more. */
export async function actionsOf(server: Pick<TemporalServer, 'metricsUrl'>): Promise<number> {
  let last = -1;
  let sinceMs = Date.now();
  for (;;) {
    const now = await read(server.metricsUrl ?? '');
    if (now !== last) sinceMs = Date.now();
    else if (Date.now() - sinceMs >= QUIET_MS) return now;
    last = now;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

const BILLED = /^action\{[^}]*action_type="(grpc_|command_|message_|activity_retry)/;

async function read(url: string): Promise<number> {
  const text = await (await fetch(url)).text();
  return text
    .split('\n')
    .filter((line) => BILLED.test(line))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
