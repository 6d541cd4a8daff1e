import { Context } from '@temporalio/activity';

/** Tells Temporal that this attempt is alive, and stops it when it was cancelled. Outside of an activity: nothing. */
export function heartbeat(where: string): void {
  const context = current();
  if (context === undefined) return;
  context.heartbeat(where);
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
