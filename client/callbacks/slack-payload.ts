import { z } from 'zod';

const Id = z.string().regex(/^[A-Z][A-Z0-9]{2,30}$/);
const Ts = z.string().regex(/^\d{1,12}\.\d{1,8}$/);
const Container = z.object({ channel_id: Id, message_ts: Ts });

const Click = z.object({
  type: z.literal('block_actions'),
  team: z.object({ id: Id }),
  user: z.object({ id: Id }),
  container: Container,
  trigger_id: z.string().min(1).max(200),
  actions: z
    .array(
      z.object({
        action_id: z.string().max(255),
        action_ts: z.string().max(40),
        value: z.string().max(2_000).optional(),
      }),
    )
    .min(1)
    .max(25),
});
/** A click on a button. https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
export type Click = z.output<typeof Click>;

const FormSentShape = z.object({
  type: z.literal('view_submission'),
  team: z.object({ id: Id }),
  user: z.object({ id: Id }),
  view: z.object({
    id: z.string().min(1).max(100),
    callback_id: z.string().max(255),
    private_metadata: z.string().max(3_000),
    state: z.object({
      values: z.record(
        z.string(),
        z.record(z.string(), z.object({ value: z.string().max(3_000).nullable().optional() })),
      ),
    }),
  }),
});
/** A form that was sent. https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload */
export type FormSent = z.output<typeof FormSentShape>;

/** What Slack's interactivity address receives, as far as it is read. */
export const Interaction = z.discriminatedUnion('type', [Click, FormSentShape]);
export type Interaction = z.output<typeof Interaction>;

/** Something that was written, as the Events API brings it. https://docs.slack.dev/reference/events/message */
export const ThreadReply = z.object({
  type: z.literal('event_callback'),
  team_id: Id,
  event_id: z.string().min(1).max(100),
  event: z.object({
    type: z.string().max(100),
    user: Id.optional(),
    text: z.string().optional(),
    channel: Id.optional(),
    thread_ts: Ts.optional(),
    bot_id: z.string().optional(),
    subtype: z.string().optional(),
  }),
});

/** A message's id as the adapter writes it. */
export function messageIdOf(container: z.output<typeof Container>): string {
  return `${container.channel_id}:${container.message_ts}`;
}
