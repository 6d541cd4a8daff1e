import { type DestinationStream, pino } from 'pino';
import { scrub } from '../domain/redaction/redact.js';

/** A log line: a static message and fields. The same shape as `Log` of `activities/adapter.ts`. */
export type LogLine = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  fields?: Record<string, unknown>,
) => void;

export interface LoggerOptions {
  level?: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** On every line, e.g. the process's role. */
  bindings?: Readonly<Record<string, string | number>>;
  /** Standard error by default: standard output belongs to answers. */
  stream?: DestinationStream;
}

/** Members that never belong in a log, whatever is in them. */
const NEVER_LOGGED = [
  'payload',
  'body',
  'prompt',
  'answer',
  'grant',
  'password',
  'token',
  'secret',
  'apiKey',
  'authorization',
  'cookie',
];

const MAX_LINE_CHARACTERS = 16_000;

/**
 * Writes JSON lines. Two nets under each other: members of telling names are never written, and every finished line
 * is scrubbed of secrets and addresses of people, since a secret inside a message or an error has no path.
 */
export function createLogger(options: LoggerOptions = {}): LogLine {
  const logger = pino(
    {
      level: options.level ?? 'info',
      base: options.bindings ?? null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.err },
      redact: {
        paths: NEVER_LOGGED.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
        censor: '[not logged]',
      },
      hooks: { streamWrite: scrubLine },
    },
    options.stream ?? pino.destination({ fd: 2, sync: true }),
  );
  return (level, message, fields) => {
    logger[level](fields ?? {}, message);
  };
}

/** A longer line would not be JSON any more when cut, so it is replaced by one that says so. */
function scrubLine(line: string): string {
  if (line.length > MAX_LINE_CHARACTERS)
    return `{"level":"warn","msg":"a log line was left out","characters":${line.length}}\n`;
  const text = line.endsWith('\n') ? line.slice(0, -1) : line;
  return `${scrub(text)}\n`;
}
