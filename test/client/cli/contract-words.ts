import { expect } from '@jest/globals';

/** A policy document. */
export const policy = (...Statement: unknown[]) => ({ Version: '2012-10-17', Statement });
/** A statement that allows. */
export const allow = (Action: unknown, Resource: unknown = '*', more = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
/** Allows everything. */
export const ALL = policy(allow('*'));
/** A user. */
export const USER = 'arn:aws:iam::111122223333:user/alice';
/** A role. */
export const ROLE = 'arn:aws:iam::111122223333:role/worker';
/** An error of a type, at a place. */
export const error = (type: string, pointer?: string) => ({
  error: { type, message: expect.stringMatching(/./), ...(pointer !== undefined && { pointer }) },
});

/** A line and what its answer has to match. */
export type Line = readonly [line: unknown, answer: unknown];
