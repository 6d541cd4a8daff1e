import { plainLine } from '../text/plain-text.js';

/** Longest text that is looked at; what is longer is cut, since AWS puts what matters first. */
export const MAX_BLAME_LENGTH = 4_096;

/** Which policy AWS says decided, where its message says it. */
export type DenyingPolicy =
  | 'identity'
  | 'resource'
  | 'trust'
  | 'boundary'
  | 'session'
  | 'endpoint'
  | 'scp'
  | 'rcp';

/** A denied request, as far as its message tells. */
export interface Denial {
  /** ARN of who asked, as written: a session's is `arn:aws:sts::…:assumed-role/…`. */
  principal: string;
  /** In the message's case, e.g. `s3:GetObject`. */
  action: string;
  /** Absent where the message names none, or `*`. */
  resource?: string;
  /** `explicit`: a Deny matched. `implicit`: nothing allowed it. Absent where the message does not say. */
  how?: 'explicit' | 'implicit';
  by?: DenyingPolicy;
}

/** What somebody asks about: everything at an ARN, or one denial. */
export type BlameQuestion =
  | { kind: 'arn'; arn: string }
  | { kind: 'denial'; denial: Denial }
  | { kind: 'unreadable'; why: string };

/**
 * The phrases by which AWS names the policy that decided, after `because no …` or `with an explicit deny in …`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
const POLICIES: readonly (readonly [RegExp, DenyingPolicy])[] = [
  [/^(?:an? )?identity-based polic/i, 'identity'],
  [/^(?:an? |the )?resource-based polic/i, 'resource'],
  [/^(?:an? |the )?(?:role )?trust polic/i, 'trust'],
  [/^(?:an? |the )?permissions boundar/i, 'boundary'],
  [/^(?:an? |the )?session polic/i, 'session'],
  [/^(?:an? |the )?vpc endpoint polic/i, 'endpoint'],
  [/^(?:an? |the )?service control polic/i, 'scp'],
  [/^(?:an? |the )?resource control polic/i, 'rcp'],
];

const ARN = /^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(?:\d{12}|aws)?:[^\s"'<>]{1,1900}$/;
const ACTION = /^[a-z0-9-]{1,64}:[A-Za-z0-9]{1,128}$/;

/**
 * Reads an ARN, or AWS's message of a denial wherever it stands in the text: in an SDK's error, a log line, XML or JSON.
 * All of it is outside text; what is not recognised is never guessed.
 */
export function readBlame(text: string): BlameQuestion {
  const given = unquoted(text.slice(0, MAX_BLAME_LENGTH).trim());
  if (given === '') return unreadable('it is empty');
  if (ARN.test(given)) return { kind: 'arn', arn: given };
  const found =
    /\bUser:\s+"?([^\s"]{1,2048})"?\s+is not authorized to perform:\s+"?([^\s",;]{1,200})"?/i.exec(
      plainSpaces(given),
    );
  if (found === null) {
    return unreadable(
      /access ?denied|unauthori[sz]ed|not authori[sz]ed/i.test(given)
        ? 'the message does not say who asked for what; give the ARN of the role or user, or the whole message ("User: … is not authorized to perform: …")'
        : 'it is neither an ARN nor a message of AWS ("User: … is not authorized to perform: …")',
    );
  }
  const [matched, principal = '', written = ''] = found;
  const action = written.replace(/[.]+$/, '');
  if (!ARN.test(principal))
    return unreadable(`"${plainLine(principal, 80)}" is not a role or user whose policies could be read`);
  if (!ACTION.test(action)) return unreadable(`"${plainLine(action, 80)}" is not an action`);
  const rest = plainSpaces(given).slice(found.index + matched.length);
  return { kind: 'denial', denial: { principal, action, ...resourceIn(rest), ...policyIn(rest) } };
}

function unreadable(why: string): BlameQuestion {
  return { kind: 'unreadable', why };
}

/** One pair of quotes around all of it, as a shell or a log leaves it. */
function unquoted(text: string): string {
  const quote = text.charAt(0);
  const isQuoted = text.length > 1 && (quote === '"' || quote === "'") && text.endsWith(quote);
  return isQuoted ? text.slice(1, -1).trim() : text;
}

/** Line breaks and the escapes that JSON and XML leave around a message. */
function plainSpaces(text: string): string {
  return text.replace(/\\"|&quot;/g, '"').replace(/\\n|\s/g, ' ');
}

function resourceIn(rest: string): { resource?: string } {
  const found = /^\s+on resource:\s+(?:"([^"]{1,1900})"|(\S.{0,1900}))/i.exec(rest);
  const written = found?.[1] ?? upToReason(found?.[2] ?? '');
  const resource = written.trim().replace(/[.,;)]+$/, '');
  return resource.startsWith('arn:aws') ? { resource } : {};
}

/** A key of an object may hold spaces, so a resource ends only where the reason begins. */
function upToReason(text: string): string {
  const end = text.search(/ because |,? with an explicit deny|<\/|[."]*[}\]]|\. | User: /i);
  return end < 0 ? text : text.slice(0, end);
}

function policyIn(rest: string): Pick<Denial, 'how' | 'by'> {
  const explicit = /with an explicit deny in (.{1,60})/i.exec(rest)?.[1];
  const implicit = /because no (.{1,60})/i.exec(rest)?.[1];
  const phrase = explicit ?? implicit;
  if (phrase === undefined) return /explicit deny/i.test(rest) ? { how: 'explicit' } : {};
  const by = POLICIES.find(([words]) => words.test(phrase))?.[1];
  return { how: explicit === undefined ? 'implicit' : 'explicit', ...(by !== undefined && { by }) };
}
