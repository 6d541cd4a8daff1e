import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { FreezeCalendar } from '../../domain/guardrail/freezes.js';
import { EMPTY_NEVER_TOUCH, type NeverTouchList } from '../../domain/guardrail/never-touch.js';
import { readYaml, type YamlText } from '../../runtime/config/document.js';
import { ConfigError, faultsOf } from '../../runtime/config/faults.js';

const Text = z.string().min(1).max(500);
const Pattern = Text.refine(
  (text) => /[^*]/.test(text),
  'a pattern of stars alone would stop everything; name something',
);

const NeverTouchFile = z.strictObject({
  rules: z
    .array(
      z.strictObject({
        reason: Text,
        names: z.array(Pattern).optional(),
        arns: z.array(Pattern).optional(),
        tags: z.record(Text, Text).optional(),
      }),
    )
    .max(1_000)
    .default([]),
  /** Identities that the built-in rules stop although they may be changed. */
  except: z
    .array(z.strictObject({ arn: Text, reason: Text }))
    .max(1_000)
    .default([]),
});

const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
const Moment = z.iso.datetime({
  offset: true,
  error: 'write a moment with its offset, e.g. 2026-11-27T00:00:00Z',
});
const Clock = z
  .string()
  .regex(/^(?:[01]\d:[0-5]\d|2[0-3]:[0-5]\d|24:00)$/, 'write a time such as 16:00, in UTC');

const FreezesFile = z.strictObject({
  freezes: z
    .array(
      z
        .strictObject({
          name: Text,
          from: Moment.optional(),
          to: Moment.optional(),
          weekly: z.array(z.strictObject({ day: z.enum(DAYS), from: Clock, to: Clock })).optional(),
          environments: z.array(Text).optional(),
          accounts: z.array(Text).optional(),
        })
        .refine(
          (freeze) =>
            freeze.from === undefined ||
            freeze.to === undefined ||
            Date.parse(freeze.from) < Date.parse(freeze.to),
          {
            path: ['to'],
            error: 'the freeze ends before it begins',
          },
        ),
    )
    .max(1_000)
    .default([]),
});

/**
 * Reads the organisation's never-touch list; without a file only the built-in rules hold.
 * @throws ConfigError with every fault, its line and column: a list that cannot be read stops the process.
 */
export function readNeverTouch(path: string | undefined): NeverTouchList {
  if (path === undefined) return EMPTY_NEVER_TOUCH;
  const { rules, except } = parse(NeverTouchFile, readYaml(readFileSync(path, 'utf8'), path));
  return {
    except,
    rules: rules.map(({ reason, names, arns, tags }) => ({
      reason,
      ...(names !== undefined && { names }),
      ...(arns !== undefined && { arns }),
      ...(tags !== undefined && { tags }),
    })),
  };
}

/**
 * Reads the organisation's change freezes; without a file there are none.
 * @throws ConfigError with every fault, its line and column.
 */
export function readFreezes(path: string | undefined): readonly FreezeCalendar[] {
  if (path === undefined) return [];
  const { freezes } = parse(FreezesFile, readYaml(readFileSync(path, 'utf8'), path));
  return freezes.map(({ name, from, to, weekly, environments, accounts }) => ({
    name,
    ...(from !== undefined && { fromMs: Date.parse(from) }),
    ...(to !== undefined && { toMs: Date.parse(to) }),
    ...(weekly !== undefined && {
      weekly: weekly.map((hours) => ({
        day: DAYS.indexOf(hours.day),
        fromMinute: minuteOf(hours.from),
        toMinute: minuteOf(hours.to),
      })),
    }),
    ...(environments !== undefined && { environments }),
    ...(accounts !== undefined && { accounts }),
  }));
}

function parse<Schema extends z.ZodType>(schema: Schema, text: YamlText): z.output<Schema> {
  const parsed = schema.safeParse(text.value);
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    faultsOf(parsed.error, text, [], z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })),
  );
}

function minuteOf(clock: string): number {
  const [hours, minutes] = clock.split(':');
  return Number(hours) * 60 + Number(minutes);
}
