import type { Person } from '../../domain/approval/request.js';
import type { WorkingHours } from '../../domain/approval/working-hours.js';

/** Who is who, who may approve what, and who reports to whom. The only source of roles. */
export interface Directory {
  person(id: string): Promise<Person | undefined>;
  /** By verified e-mail address or mapped account name; undefined when nobody or more than one matches. */
  byEmail(email: string): Promise<Person | undefined>;
  people(): Promise<readonly Person[]>;
  /** Members of a team, in the directory's order; the first is its lead. */
  team(name: string): Promise<readonly Person[]>;
  /** When a team works; undefined, or the whole method absent, means around the clock. */
  workingHours?(team: string): Promise<WorkingHours | undefined>;
  /** Whom to ask instead while this person is away; the person itself otherwise. */
  standIn(id: string, atMs: number): Promise<Person | undefined>;
}

/** The person whom the first of these names stands for that the directory knows, whatever product they are of. */
export async function firstKnown(
  directory: Pick<Directory, 'byEmail'>,
  names: readonly string[],
): Promise<Person | undefined> {
  for (const name of names) {
    const person = await directory.byEmail(name);
    if (person !== undefined) return person;
  }
  return undefined;
}

/** The person whom an id, an address or an account name stands for. */
export async function knownAs(
  directory: Pick<Directory, 'person' | 'byEmail'>,
  name: string,
): Promise<Person | undefined> {
  return (await directory.person(name)) ?? directory.byEmail(name);
}
