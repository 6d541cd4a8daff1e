/** Resolves at the first Ctrl-C or TERM; a second Ctrl-C ends the process at once. */
export function untilSignal(): Promise<undefined> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => {
      process.once('SIGINT', () => process.exit(130));
      resolve(undefined);
    });
    // A process manager may repeat itself; stopping goes on.
    process.on('SIGTERM', () => resolve(undefined));
  });
}
