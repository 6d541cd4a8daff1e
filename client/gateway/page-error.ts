import { Failure, FailureType } from '../../domain/failure.js';

/** What ends a request early, with words that a person may read. */
export class PageError extends Error {
  readonly status: number;
  readonly title: string;
  constructor(status: number, title: string, message: string) {
    super(message);
    this.name = 'PageError';
    this.status = status;
    this.title = title;
  }
}

/** One answer for what does not exist and for what this person may not see. */
export function notFound(what: string): PageError {
  return new PageError(404, 'Not found', `There is no such ${what}, or it is not for you to see.`);
}

/** What an error means to the one who asked: nothing that the error's own text says leaves the house. */
export function toPageError(error: unknown): PageError {
  if (error instanceof PageError) return error;
  if (error instanceof Failure) return ofFailure(error);
  const status = statusOf(error);
  if (status === 429) return new PageError(429, 'Too many requests', 'Wait a minute, then try again.');
  if (status === 413)
    return new PageError(413, 'Too large', 'What was sent is larger than what is taken here.');
  if (status === 415)
    return new PageError(415, 'Unknown format', 'What was sent is in a format that is not taken here.');
  if (status >= 400 && status < 500)
    return new PageError(status, 'Bad request', 'What was sent could not be read.');
  return new PageError(
    500,
    'Something broke',
    'This is our fault, and it was recorded. Try again in a moment.',
  );
}

function ofFailure(failure: Failure): PageError {
  if (failure.type === FailureType.NotFound) return notFound('thing');
  if (failure.type === FailureType.InvalidInput)
    return new PageError(400, 'That cannot be taken', failure.message);
  const message = 'A part of Curtail cannot be reached just now. Nothing was lost; try again in a minute.';
  return new PageError(503, 'Not available just now', message);
}

function statusOf(error: unknown): number {
  const status: unknown =
    typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : 500;
  return typeof status === 'number' && status >= 400 && status < 600 ? status : 500;
}
