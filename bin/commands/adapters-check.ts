import { z } from 'zod';
import type { Adapter } from '../../activities/adapter.js';
import { chatAdapters } from '../../activities/chat/registry.js';
import { cloudAdapters } from '../../activities/cloud/registry.js';
import { cnappAdapters } from '../../activities/cnapp/registry.js';
import { directoryAdapters } from '../../activities/directory/registry.js';
import { guardrailAdapters } from '../../activities/guardrail/registry.js';
import { changeHostAdapters } from '../../activities/iac/registry.js';
import { itsmAdapters } from '../../activities/itsm/registry.js';
import { llmAdapters } from '../../activities/llm/registry.js';
import { siemAdapters } from '../../activities/siem/registry.js';
import type { LoadedConfig } from '../../runtime/config.js';

/** What `config check` says of one adapter. */
export interface AdapterCheck {
  kind: string;
  vendor: string;
  ok: boolean;
  text: string;
}

type Registry = Readonly<Record<string, Adapter<unknown>>>;

/** Lets every configured adapter parse its own settings. Nothing is opened and nothing is sent. */
export function checkAdapters({ config }: LoadedConfig): readonly AdapterCheck[] {
  const sections: readonly (readonly [
    kind: string,
    registry: Registry,
    vendor: string,
    settings: unknown,
  ])[] = [
    ...config.sources.map((source) => ['source', cnappAdapters, source.vendor, source.settings] as const),
    ...config.cloud.map((cloud) => ['cloud', cloudAdapters, cloud.vendor, cloud.settings] as const),
    ['itsm', itsmAdapters, config.itsm.vendor, config.itsm.settings],
    ...config.chat.map((chat) => ['chat', chatAdapters, chat.vendor, chat.settings] as const),
    ...(config.iac === undefined
      ? []
      : [['iac', changeHostAdapters, config.iac.vendor, config.iac.settings] as const]),
    ...config.siem.map((siem) => ['siem', siemAdapters, siem.vendor, siem.settings] as const),
    ['llm', llmAdapters, config.llm.provider, config.llm],
    ['directory', directoryAdapters, config.directory.adapter, config.directory],
    ['guardrail', guardrailAdapters, config.guardrail.adapter, config.guardrail],
  ];
  return sections.map(([kind, registry, vendor, settings]) => checkOne(kind, registry, vendor, settings));
}

function checkOne(kind: string, registry: Registry, vendor: string, settings: unknown): AdapterCheck {
  const found = Object.hasOwn(registry, vendor) ? registry[vendor] : undefined;
  if (found === undefined) {
    return { kind, vendor, ok: false, text: `no such vendor; known are ${Object.keys(registry).join(', ')}` };
  }
  try {
    found.check(settings);
    return { kind, vendor, ok: true, text: '' };
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const text = error.issues
      .map((issue) => `${issue.path.join('.') || 'settings'}: ${issue.message}`)
      .join('; ');
    return { kind, vendor, ok: false, text };
  }
}
