import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** The tasks that have a prompt, by folder name under `prompts/`. */
export const PROMPT_IDS = ['explain-finding', 'answer-question', 'suggest-policy'] as const;
export type PromptId = (typeof PROMPT_IDS)[number];

/** A prompt in force, and which one it is. */
export interface Prompt {
  id: PromptId;
  version: number;
  /** SHA-256 of its file. */
  digest: string;
  system: string;
  /** With `{{name}}` where values go. */
  user: string;
}

/** The prompts in force. They are read and checked once, when the book is opened. */
export interface PromptBook {
  live(id: PromptId): Prompt;
}

const Lock = z.record(
  z.string(),
  z.strictObject({
    live: z.number().int().positive(),
    versions: z.record(z.string(), z.string().length(64)),
  }),
);

const OWN_PROMPTS = join(fileURLToPath(new URL('../..', import.meta.url)), 'prompts');

/**
 * Opens the prompts of a folder.
 * @throws Error when a prompt is not the one that was locked, is not locked, or is missing: an edited prompt is a new
 * version, or nobody could say later what a model was told.
 */
export function openPromptBook(folder: string = OWN_PROMPTS): PromptBook {
  const lock = Lock.parse(JSON.parse(readFileSync(join(folder, 'lock.json'), 'utf8')));
  const prompts = new Map(
    PROMPT_IDS.map((id) => [id, openPrompt(folder, id, new Map(Object.entries(lock)).get(id))]),
  );
  return {
    live: (id) => {
      const prompt = prompts.get(id);
      if (prompt === undefined) throw new Error(`there is no prompt ${id}`);
      return prompt;
    },
  };
}

function openPrompt(folder: string, id: PromptId, locked: z.output<typeof Lock>[string] | undefined): Prompt {
  if (locked === undefined) throw new Error(`prompt ${id} is not in lock.json; run node tools/prompts.mjs`);
  const files = readdirSync(join(folder, id)).filter((name) => /^v\d+\.md$/.test(name));
  for (const file of files) {
    const version = file.slice(1, -3);
    const wanted = new Map(Object.entries(locked.versions)).get(version);
    if (wanted === undefined)
      throw new Error(`prompt ${id} v${version} is not in lock.json; run node tools/prompts.mjs`);
    if (digestOf(readPrompt(folder, id, version)) !== wanted) {
      throw new Error(
        `prompt ${id} v${version} has changed since it was locked; restore it and add v${locked.live + 1} instead`,
      );
    }
  }
  if (!files.includes(`v${locked.live}.md`))
    throw new Error(`prompt ${id} v${locked.live} is live and has no file; restore it`);
  const text = readPrompt(folder, id, String(locked.live));
  const [, system, user] = /^# System\n([\s\S]+)\n# User\n([\s\S]+)$/.exec(text) ?? [];
  if (system === undefined || user === undefined)
    throw new Error(`prompt ${id} v${locked.live} needs the headings System and User`);
  return { id, version: locked.live, digest: digestOf(text), system: system.trim(), user: user.trim() };
}

function readPrompt(folder: string, id: string, version: string): string {
  return readFileSync(join(folder, id, `v${version}.md`), 'utf8').replaceAll('\r\n', '\n');
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Puts values into a prompt, all in one pass: what a value says is never looked at again, and the markers that fence
 * it in cannot be closed from inside.
 */
export function fillPrompt(prompt: Prompt, values: Readonly<Record<string, string>>): string {
  return prompt.user.replaceAll(/\{\{([a-z]+)\}\}/g, (_whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined)
      throw new Error(`prompt ${prompt.id} v${prompt.version} asks for ${name}, which was not given`);
    return value.replaceAll('<<<', '‹‹‹').replaceAll(/^(FACTS|QUESTION|ANSWER)\s*$/gm, '· $1');
  });
}
