import type { Adapter } from '../adapter.js';
import { embedded } from './embedded.js';
import { opaServer } from './opa-server.js';
import type { Guardrail } from './port.js';

/** The guardrail adapters that a configuration may name. */
export type GuardrailAdapter = 'embedded' | 'opa';

/** Who can answer for the organisation's policies. Open it with the `guardrail` section of the configuration. */
export const guardrailAdapters = { embedded, opa: opaServer } satisfies Record<
  GuardrailAdapter,
  Adapter<Guardrail>
>;
