/** Names the engine that computed a proof; it changes whenever the meaning of a proof could. */
export const ENGINE_VERSION = 'curtail-engine/1';
