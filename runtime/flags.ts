import { randomUUID } from 'node:crypto';
import {
  type Client,
  ErrorCode,
  type EvaluationContext,
  NOOP_PROVIDER,
  OpenFeature,
  ProviderEvents,
} from '@openfeature/server-sdk';
import type { Phase } from '../domain/lifecycle/stage.js';
import { FlagFile } from './flag-file.js';

/** Keys of the flags that Curtail reads. */
export const FLAG_KEYS = {
  phase: 'phase',
  killSwitch: 'kill-switch',
  standingApprovals: 'standing-approvals',
} as const;

/** What a flag may target. */
export interface FlagContext {
  /** What a fractional rollout sticks to: the finding's key. */
  targetingKey: string;
  account?: string;
  team?: string;
  environment?: string;
  kind?: string;
  source?: string;
  /** 0..100 */
  risk?: number;
  /** 0..1 */
  confidence?: number;
  /** What would be applied: a fix, or an undo that somebody asked for. */
  act?: 'fix' | 'undo';
}

/** How far Curtail may go, with what said so. It travels in the workflow's input: a replay never asks again. */
export interface PhaseAnswer {
  phase: Phase;
  /** Name of the variant, or why there is none. */
  variant: string;
  /** SHA-256 of the flag file; `none` when there is none. */
  flagSetHash: string;
  /** The flags cannot be read at present, so the answer is `observe`. */
  stale: boolean;
}

/** Feature flags. Ask in an activity, never in a workflow. */
export interface Flags {
  phase(context: FlagContext): Promise<PhaseAnswer>;
  /**
   * Whether applying is stopped. A file that cannot be read, or a switch that is not a boolean, stops too:
   * somebody who pulls it in a hurry and misses a comma means it.
   */
  killSwitch(context: FlagContext): Promise<boolean>;
  /** Whether standing approvals count. Never when in doubt. */
  standingApprovals(context: FlagContext): Promise<boolean>;
  /** For display: SHA-256 of the last good file, and why the present one cannot be used. */
  state(): { hash: string; fault?: string };
  /** Calls back after every change of the file, for good or ill. */
  onChange(listener: () => void): void;
  close(): Promise<void>;
}

const NO_FLAGS: Flags = {
  phase: async () => ({
    phase: 'observe',
    variant: 'no flags configured',
    flagSetHash: 'none',
    stale: false,
  }),
  killSwitch: async () => false,
  standingApprovals: async () => false,
  state: () => ({ hash: 'none' }),
  onChange: () => undefined,
  close: async () => undefined,
};

/** Opens the flags of a file in flagd's format. Without a path the phase is `observe`, always. */
export async function openFlags(path: string | undefined): Promise<Flags> {
  if (path === undefined) return NO_FLAGS;
  const file = new FlagFile(path);
  const domain = `curtail-${randomUUID()}`;
  await OpenFeature.setProviderAndWait(domain, file);
  const client = OpenFeature.getClient(domain);
  const listeners: (() => void)[] = [];
  return {
    phase: (context) => phaseOf(client, file, context),
    killSwitch: (context) => isStopped(client, file, context),
    standingApprovals: async (context) => {
      file.refresh();
      if (file.fault !== undefined) return false;
      return client.getBooleanValue(FLAG_KEYS.standingApprovals, false, asContext(context));
    },
    state: () => {
      file.refresh();
      return { hash: file.hash ?? 'none', ...(file.fault !== undefined && { fault: file.fault }) };
    },
    onChange: (listener) => {
      listeners.push(listener);
      client.addHandler(ProviderEvents.ConfigurationChanged, listener);
      client.addHandler(ProviderEvents.Stale, listener);
    },
    close: async () => {
      for (const listener of listeners) {
        client.removeHandler(ProviderEvents.ConfigurationChanged, listener);
        client.removeHandler(ProviderEvents.Stale, listener);
      }
      await OpenFeature.setProviderAndWait(domain, NOOP_PROVIDER); // closes the file's provider
    },
  };
}

async function phaseOf(client: Client, file: FlagFile, context: FlagContext): Promise<PhaseAnswer> {
  file.refresh();
  const flagSetHash = file.hash ?? 'none';
  if (file.fault !== undefined)
    return { phase: 'observe', variant: 'the flags cannot be read', flagSetHash, stale: true };
  const { value, variant, errorCode } = await client.getStringDetails(
    FLAG_KEYS.phase,
    'observe',
    asContext(context),
  );
  if (errorCode !== undefined)
    return { phase: 'observe', variant: `flag ${FLAG_KEYS.phase}: ${errorCode}`, flagSetHash, stale: false };
  if (value === 'assist' || value === 'automate')
    return { phase: value, variant: variant ?? value, flagSetHash, stale: false };
  return { phase: 'observe', variant: variant ?? 'default', flagSetHash, stale: false };
}

async function isStopped(client: Client, file: FlagFile, context: FlagContext): Promise<boolean> {
  file.refresh();
  if (file.fault !== undefined) return true;
  const { value, errorCode } = await client.getBooleanDetails(
    FLAG_KEYS.killSwitch,
    false,
    asContext(context),
  );
  if (errorCode === undefined || errorCode === ErrorCode.FLAG_NOT_FOUND) return value;
  return true;
}

/** A score that nobody gave counts as the worst: a rule `risk <= 40` must not hold for want of a number. */
function asContext(context: FlagContext): EvaluationContext {
  return { risk: 100, confidence: 0, ...context };
}
