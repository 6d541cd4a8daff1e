import type { Chat } from '../../activities/chat/port.js';
import { type Directory, firstKnown } from '../../activities/directory/port.js';
import type { Person } from '../../domain/approval/request.js';

/** What it takes to tell who acts in a chat, and to answer them. */
export interface ChatParts {
  chat: Chat;
  directory: Pick<Directory, 'byEmail'>;
  /** Where people reach the gateway. */
  publicUrl: string;
}

/** The person of our directory that an account stands for: by its mapped name, or by an address that the product verified. */
export async function personOfAccount(
  { chat, directory }: Pick<ChatParts, 'chat' | 'directory'>,
  account: string,
): Promise<Person | undefined> {
  return firstKnown(directory, (await chat.namesOf?.(account)) ?? []);
}

/** The page of a request. */
export function pageOf({ publicUrl }: Pick<ChatParts, 'publicUrl'>, requestId: string): string {
  return `${publicUrl}/requests/${encodeURIComponent(requestId)}`;
}
