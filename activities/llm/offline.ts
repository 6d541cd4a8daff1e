import { z } from 'zod';
import { Failure, FailureType } from '../../domain/failure.js';
import { adapter } from '../adapter.js';
import type { LanguageModel } from './port.js';

/** No model at all: the caller uses the engine's own texts and says so. Other members of the section are ignored. */
const OfflineConfig = z.looseObject({ provider: z.literal('offline') });

function openOffline(): LanguageModel {
  return {
    kind: 'offline',
    name: 'offline',
    ask: async () => {
      throw new Failure(
        FailureType.ModelUnusable,
        'no language model is configured; set llm.provider to use one',
      );
    },
  };
}

/** Explanations from templates over the engine's results; says that no model wrote them. */
export const offline = adapter(OfflineConfig, openOffline);
