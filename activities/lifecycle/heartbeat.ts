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

/** Fires when this attempt is cancelled. Outside of an activity: undefined. */
export function cancellation(): AbortSignal | undefined {
  return current()?.cancellationSignal;
}

function current(): Context | undefined {
  try {
    return Context.current();
  } catch {
    return undefined; // called directly, as tests do
  }
}
