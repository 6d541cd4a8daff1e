import type { Config } from './schema.js';
import { Port } from './values.js';

/** Variables that move a port without a configuration file, as the sample organisation is run. */
export const PORT_VARIABLES = {
  gateway: 'CURTAIL_GATEWAY_PORT',
  frontend: 'CURTAIL_TEMPORAL_PORT',
  ui: 'CURTAIL_TEMPORAL_UI_PORT',
} as const;

/** The configuration with the ports that the environment names. @throws Error naming the variable that holds no port */
export function withPorts(config: Config, env: Readonly<Record<string, string | undefined>>): Config {
  const { gateway, temporal } = config;
  return {
    ...config,
    gateway: { ...gateway, port: portOf(env, PORT_VARIABLES.gateway) ?? gateway.port },
    temporal: {
      ...temporal,
      ports: {
        ...temporal.ports,
        frontend: portOf(env, PORT_VARIABLES.frontend) ?? temporal.ports.frontend,
        ui: portOf(env, PORT_VARIABLES.ui) ?? temporal.ports.ui,
      },
    },
  };
}

function portOf(env: Readonly<Record<string, string | undefined>>, name: string): number | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  const port = Port.safeParse(Number(text));
  if (!port.success) throw new Error(`reading ${name}: "${text}" is no port; set a number from 1 to 65535`);
  return port.data;
}
