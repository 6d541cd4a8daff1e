import type { AdapterDeps } from '../../activities/adapter.js';
import type { LifecyclePorts } from '../../activities/lifecycle/ports.js';
import { createSiemPump } from '../../activities/siem/pump.js';
import { type SiemVendor, siemAdapters } from '../../activities/siem/registry.js';
import { isVendor } from '../../activities/vendor.js';
import type { LoadedConfig } from '../../runtime/config.js';
import type { StopStack } from './stop-stack.js';

const EVERY_MS = 2_000;

/** Sends every audit event to the configured security systems, each once and in order, from where it stopped. */
export async function startSiem(
  loaded: LoadedConfig,
  ports: LifecyclePorts,
  deps: AdapterDeps,
  stack: StopStack,
): Promise<void> {
  for (const [index, { vendor, settings }] of loaded.config.siem.entries()) {
    if (!isVendor<SiemVendor>(siemAdapters, vendor)) {
      throw new Error(
        `siem: there is no vendor ${vendor}; known are ${Object.keys(siemAdapters).join(', ')}`,
      );
    }
    const siem = await siemAdapters[vendor].open(settings, deps);
    const pump = createSiemPump({
      ledger: ports.ledger,
      siem,
      id: `${index}-${vendor}`,
      now: ports.now,
      log: ports.log,
    });
    const running = pump.start(EVERY_MS);
    stack.add(async () => {
      await running.stop();
      await pump.run(); // what happened while we were stopping
    });
  }
}
