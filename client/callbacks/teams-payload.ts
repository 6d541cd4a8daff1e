import { z } from 'zod';

/** An activity of the Bot Framework, as far as it is read. https://learn.microsoft.com/azure/bot-service/rest-api/ */
export const Activity = z.object({
  type: z.string().max(50),
  name: z.string().max(100).optional(),
  id: z.string().min(1).max(300),
  channelId: z.string().max(50),
  serviceUrl: z.string().max(300).optional(),
  replyToId: z.string().max(300).optional(),
  text: z.string().optional(),
  from: z.object({ id: z.string().max(300), aadObjectId: z.string().max(100).optional() }),
  conversation: z.object({ id: z.string().max(500), tenantId: z.string().max(100).optional() }).optional(),
  channelData: z
    .object({ tenant: z.object({ id: z.string().max(100) }).optional() })
    .optional()
    .catch(undefined),
  value: z
    .object({
      action: z.object({
        verb: z.string().max(100).optional(),
        data: z
          .object({
            r: z.string().min(1).max(512),
            d: z.string().min(1).max(128),
            reason: z.string().max(2_000).optional(),
          })
          .optional()
          .catch(undefined),
      }),
    })
    .optional()
    .catch(undefined),
});
export type Activity = z.output<typeof Activity>;

/** The tenant that an activity comes from. */
export function tenantOf({ conversation, channelData }: Activity): string | undefined {
  return conversation?.tenantId ?? channelData?.tenant?.id;
}

/** The message that an activity stands below, by the thread that its conversation names. */
export function threadOf({ conversation, replyToId }: Activity): string | undefined {
  return /;messageid=([\w-]{1,100})$/.exec(conversation?.id ?? '')?.[1] ?? replyToId;
}

/** What was written, without the mention of whom it was written to. */
export function writtenText({ text }: Activity): string {
  return (text ?? '')
    .slice(0, 8_000)
    .replace(/<at>[^<]*<\/at>/g, ' ')
    .replace(/&nbsp;/g, ' ')
    .replace(/<[^>]*>/g, ' ')
    .trim();
}
