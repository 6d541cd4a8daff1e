import { confirmSource } from '../../activities/lifecycle/confirmation.js';
import { forecastSources } from '../../activities/lifecycle/forecast.js';
import type { LifecyclePorts } from '../../activities/lifecycle/ports.js';
import type { ForecastDesk } from '../../client/gateway/api/forecast.js';

/** @param beginHeld looks at once for what was held back; the reconciliation does so by itself later */
export function createForecast(ports: LifecyclePorts, beginHeld: () => Promise<void>): ForecastDesk {
  return {
    forecast: (name) => forecastSources(ports, name),
    confirm: async (input) => {
      const confirmed = await confirmSource(ports, input);
      await beginHeld();
      return confirmed;
    },
  };
}
