import { z } from 'zod';
import { Failure, FailureType } from '../../../domain/failure.js';
import type { Block } from '../../../domain/text/block.js';
import type { TicketComment } from '../port.js';
import { isMarked, mark } from '../reference.js';
import { textOfAdf, toAdf } from './adf.js';
import type { Send } from './transport.js';

const Comments = z.object({
  total: z.number().default(0),
  comments: z.array(
    z.object({
      id: z.string(),
      author: z.object({ accountId: z.string() }).optional(),
      body: z.unknown(),
      created: z.string(),
    }),
  ),
});
const PAGE = 100;
const MAX_PAGES = 10;

/** Comments of an issue, oldest first. */
export async function readComments(send: Send, issueId: string): Promise<readonly TicketComment[]> {
  const read: TicketComment[] = [];
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { status, body } = await send({
      doing: 'reading comments',
      method: 'GET',
      path: `rest/api/3/issue/${issueId}/comment?startAt=${read.length}&maxResults=${PAGE}&orderBy=created`,
      answer: z.union([Comments, z.looseObject({ comments: z.undefined() })]),
      alsoGood: [404],
    });
    if (status === 404 || body.comments === undefined)
      throw new Failure(FailureType.NotFound, `jira: reading comments: there is no issue ${issueId}`);
    read.push(...body.comments.map(toComment));
    if (body.comments.length === 0 || read.length >= body.total) break;
  }
  return read;
}

/** Comments once: one that carries the key's mark is there already. */
export async function commentOnce(
  send: Send,
  comment: { issueId: string; key: string; body: readonly Block[] },
): Promise<void> {
  const signature = mark(comment.key);
  const there = await readComments(send, comment.issueId);
  if (there.some(({ text }) => text.includes(signature))) return;
  await send({
    doing: 'commenting',
    method: 'POST',
    path: `rest/api/3/issue/${comment.issueId}/comment`,
    body: { body: toAdf(comment.body, signature) },
    answer: z.object({ id: z.string() }),
    write: true,
  });
}

function toComment(comment: z.output<typeof Comments>['comments'][number]): TicketComment {
  const text = textOfAdf(comment.body);
  const at = Date.parse(comment.created.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  return {
    id: comment.id,
    author: comment.author?.accountId ?? '',
    text,
    atIso: new Date(Number.isNaN(at) ? 0 : at).toISOString(),
    ours: isMarked(text),
  };
}
