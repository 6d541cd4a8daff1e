import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { MAX_BLAME_LENGTH } from '../../../domain/blame/denial.js';
import { undoOffer } from '../blame-offer.js';
import type { Gateway } from '../kit.js';
import { PageError } from '../page-error.js';
import { parsed } from './parse.js';

const text = z.string().trim().min(1).max(MAX_BLAME_LENGTH);
const blameQuery = z.object({ about: text });
const changesQuery = z.object({ arn: text });

/** Who changed what at an ARN, and whether one of our changes caused a denial. */
export function registerBlameApi(app: FastifyInstance, { blame, config }: Gateway): void {
  app.get('/blame', async (request) => {
    const report = await blame(parsed(blameQuery, request.query).about);
    const undo = undoOffer(report, config.publicUrl);
    return { ...report, ...(undo !== undefined && { undo }) };
  });

  app.get('/changes', async (request) => {
    const report = await blame(parsed(changesQuery, request.query).arn);
    if (report.question.kind !== 'arn') throw new PageError(400, 'Bad request', 'arn: it is not an ARN');
    const { arns, changes, more } = report;
    return { arns, changes, more };
  });
}
