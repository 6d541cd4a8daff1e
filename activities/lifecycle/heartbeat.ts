import { Context } from '@temporalio/activity';

/** How far an attempt is, for the heartbeats that it may come to send. */
const reached = new WeakMap<Context, string>();

/**
 * Notes how far this attempt is, for people who look at it in the Temporal UI. Sends nothing: each heartbeat is an
 * action that the server counts, and most attempts are over before one is needed. Outside of an activity: nothing.
 */
export function heartbeat(where: string): void {
  const context = current();
  if (context !== undefined) reached.set(context, where);
}

/**
 * Keeps a long attempt alive, whatever single call it waits for: from half of its heartbeat time-out on it reports,
 * so that a lost worker is noticed within one time-out and a slow write is not taken for one. An attempt that hangs
 * for ever is ended by its start-to-close time-out. What is over sooner costs no action.
 */
export function keepAlive(context: Context): {
  execute<In, Out>(input: In, next: (input: In) => Promise<Out>): Promise<Out>;
} {
  const { heartbeatTimeoutMs } = context.info;
  return {
    async execute(input, next) {
      if (heartbeatTimeoutMs === undefined || heartbeatTimeoutMs === 0) return next(input);
      const beat = setInterval(() => context.heartbeat(reached.get(context)), heartbeatTimeoutMs / 2);
      try {
        return await next(input);
      } finally {
        clearInterval(beat);
      }
    },
  };
}

/** Time between two heartbeats of slow work: below the heartbeat time-out of every profile. */
const BEAT_MS = 1_000;

/** Runs slow work under a steady heartbeat, with the signal that cancels it. Outside of an activity: just runs it. */
export async function beating<T>(
  where: string,
  work: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  const context = current();
  if (context === undefined) return work(undefined);
  context.heartbeat(where);
  const timer = setInterval(() => context.heartbeat(where), BEAT_MS);
  try {
    return await work(context.cancellationSignal);
  } finally {
    clearInterval(timer);
  }
}

function current(): Context | undefined {
  try {
    return Context.current();
  } catch {
    return undefined; // called directly, as tests do
  }
}
