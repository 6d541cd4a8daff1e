import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import type { Person } from '../../domain/approval/request.js';
import { Failure, FailureType } from '../../domain/failure.js';
import { type AdapterDeps, adapter } from '../adapter.js';
import { type DirectoryEntry, type DirectoryText, parseDirectory } from './file-reader.js';
import type { Directory } from './port.js';

/** A directory in a YAML file. A change of the file counts at once. */
const FileDirectoryConfig = z.strictObject({
  adapter: z.literal('file').default('file'),
  path: z.string().min(1),
});

/** Longest chain of stand-ins that is followed. */
const MAX_STAND_INS = 5;

function openFileDirectory(config: z.output<typeof FileDirectoryConfig>, deps: AdapterDeps): Directory {
  const path = resolve(deps.folder, config.path);
  let stamp = stampOf(path);
  let text = parseDirectory(readFileSync(path, 'utf8'), path);

  function current(): DirectoryText {
    try {
      const now = stampOf(path);
      if (now === stamp) return text;
      text = parseDirectory(readFileSync(path, 'utf8'), path);
      stamp = now;
      return text;
    } catch (cause) {
      // Roles that may have been taken away must not live on: nobody is anybody until the file can be read.
      throw new Failure(
        FailureType.VendorUnavailable,
        `directory: reading ${path} again: it has faults; correct it`,
        { cause },
      );
    }
  }

  return {
    person: async (id) => current().entries.get(id)?.person,
    byEmail: async (name) => onlyMatch(current(), name),
    people: async () => [...current().entries.values()].map(({ person }) => person),
    team: async (name) => members(current(), name),
    workingHours: async (name) => current().hours.get(name),
    standIn: async (id, atMs) => standIn(current(), id, atMs),
  };
}

function stampOf(path: string): string {
  const { mtimeMs, size, ino } = statSync(path);
  return `${mtimeMs}/${size}/${ino}`;
}

/** The one person whose address or account name this is: `ada@example.com`, `U024BE7LH` or `slack:U024BE7LH`. */
function onlyMatch({ entries }: DirectoryText, name: string): Person | undefined {
  const wanted = name.trim().toLowerCase();
  if (wanted === '') return undefined;
  const found = [...entries.values()].filter(({ person, accounts }) => {
    if (person.email.toLowerCase() === wanted) return true;
    return [...accounts].some(([product, account]) => {
      const known = account.toLowerCase();
      return known === wanted || `${product.toLowerCase()}:${known}` === wanted;
    });
  });
  return found.length === 1 ? found[0]?.person : undefined;
}

function members({ entries, leads }: DirectoryText, name: string): readonly Person[] {
  const lead = leads.get(name);
  const inTeam = [...entries.values()].filter(
    ({ teams, person }) => teams.includes(name) || person.id === lead,
  );
  return inTeam.map(({ person }) => person).sort((a, b) => Number(b.id === lead) - Number(a.id === lead));
}

function standIn({ entries }: DirectoryText, id: string, atMs: number): Person | undefined {
  const asked = entries.get(id);
  if (asked === undefined) return undefined;
  const seen = new Set([id]);
  let entry = asked;
  for (let step = 0; step <= MAX_STAND_INS; step += 1) {
    const next = instead(entry, atMs);
    if (next === entry.person.id) return entry.person;
    const following = next === undefined || seen.has(next) ? undefined : entries.get(next);
    // Everybody of the chain is away: the person who owns it is told, and escalation does the rest.
    if (following === undefined) return asked.person;
    seen.add(following.person.id);
    entry = following;
  }
  return asked.person;
}

/** Whom to ask for this person: themselves when they are there. */
function instead(entry: DirectoryEntry, atMs: number): string | undefined {
  const absence = entry.absences.find(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);
  if (absence === undefined) return entry.person.id;
  return absence.delegateId ?? entry.delegateId ?? entry.person.managerId;
}

/** The embedded directory: people, teams and managers from a YAML file. */
export const fileDirectory = adapter(FileDirectoryConfig, openFileDirectory);
