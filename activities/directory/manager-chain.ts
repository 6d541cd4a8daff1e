import type { Person } from '../../domain/approval/request.js';
import type { Directory } from './port.js';

/** Everybody above a person, nearest first; a directory with a circle in it ends where the circle closes. */
export async function managerChain(
  directory: Pick<Directory, 'person'>,
  id: string,
): Promise<readonly Person[]> {
  const chain: Person[] = [];
  const seen = new Set([id]);
  let at = await directory.person(id);
  while (at?.managerId !== undefined && !seen.has(at.managerId)) {
    seen.add(at.managerId);
    at = await directory.person(at.managerId);
    if (at !== undefined) chain.push(at);
  }
  return chain;
}
