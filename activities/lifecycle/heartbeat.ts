import { Context } from '@temporalio/activity';

/** Tells Temporal that this attempt is alive, and stops it when it was cancelled. Outside of an activity: nothing. */
export function heartbeat(where: string): void {
  const context = current();
  if (context === undefined) return;
  context.heartbeat(where);
}

function current(): Context | undefined {
  try {
    return Context.current();
  } catch {
    return undefined; // called directly, as tests do
  }
}
