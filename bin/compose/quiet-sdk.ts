/** Keeps the SDK's own lines out of our output, and leaves signals to us: parts stop in our order. */
export async function quietSdk(): Promise<void> {
  const { DefaultLogger, Runtime } = await import('@temporalio/worker');
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
}
