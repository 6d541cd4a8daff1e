import { z } from 'zod';
import { Failure, FailureType } from '../../../domain/failure.js';
import type { AdapterDeps } from '../../adapter.js';
import { platformHttp } from '../platform-http.js';
import type { Tokens } from '../tokens.js';
import type { WizConfig } from './config.js';

const ADDRESS_ADVICE = 'check the data centre in apiUrl: it stands on the tenant page of Wiz';
const AUTH_ADVICE =
  'check the scopes of the service account (docs/vendors/wiz.md), and projects if it belongs to some';

const GraphQlError = z.object({
  message: z.string().catch('no message'),
  path: z
    .array(z.union([z.string(), z.number()]))
    .nullish()
    .catch(undefined),
  extensions: z
    .object({ code: z.string().nullish().catch(undefined) })
    .nullish()
    .catch(undefined),
});
export type GraphQlError = z.output<typeof GraphQlError>;

const Answer = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(GraphQlError).nullish(),
});

/** What Wiz answered: data, and the errors that may stand beside it at HTTP 200. */
export interface GraphQlAnswer {
  data: Readonly<Record<string, unknown>>;
  errors: readonly GraphQlError[];
}

/** One question to Wiz. */
export interface GraphQlRequest {
  doing: string;
  query: string;
  variables: unknown;
  write?: boolean;
  signal?: AbortSignal;
}

/** GraphQL over one endpoint. */
export interface WizApi {
  /** @throws Failure when there is any error */
  ask(request: GraphQlRequest): Promise<Readonly<Record<string, unknown>>>;
  /** Errors are the caller's to judge; without any data they are thrown. */
  askPartly(request: GraphQlRequest): Promise<GraphQlAnswer>;
}

/** The API of a tenant. */
export function wizApi(config: WizConfig, tokens: Tokens, deps: AdapterDeps): WizApi {
  const url = new URL(config.apiUrl);
  const http = platformHttp({
    vendor: 'wiz',
    baseUrl: url.origin,
    deps,
    tokens,
    authorise: (token) => ({ authorization: `Bearer ${token.reveal()}` }),
    headers: { 'user-agent': 'Curtail' },
    hints: { address: ADDRESS_ADVICE, auth: AUTH_ADVICE },
  });
  async function askPartly(request: GraphQlRequest): Promise<GraphQlAnswer> {
    const { body } = await http.send({
      doing: request.doing,
      method: 'POST',
      path: url.pathname === '/' ? '/graphql' : url.pathname,
      body: { query: request.query, variables: request.variables },
      answer: Answer,
      // A field or filter that the tenant's schema lacks comes as 400, a tenant without the feature as 422.
      alsoGood: [400, 422],
      ...(request.write === true && { write: true }),
      ...(request.signal !== undefined && { signal: request.signal }),
    });
    const errors = body.errors ?? [];
    const [first] = errors;
    if (first !== undefined && isFatal(first)) throw graphQlFailure(request.doing, first);
    if (body.data == null) throw graphQlFailure(request.doing, first);
    return { data: body.data, errors };
  }
  return {
    askPartly,
    ask: async (request) => {
      const { data, errors } = await askPartly(request);
      const [first] = errors;
      if (first !== undefined) throw graphQlFailure(request.doing, first);
      return data;
    },
  };
}

/** Codes as Wiz's own Backstage plugin maps them. */
const CODES: Readonly<Record<string, FailureType>> = {
  UNAUTHENTICATED: FailureType.VendorAuth,
  UNAUTHORIZED: FailureType.VendorAuth,
  FORBIDDEN_IP: FailureType.VendorAuth,
  RATE_LIMIT_EXCEEDED: FailureType.VendorThrottled,
  INTERNAL: FailureType.VendorUnavailable,
  NOT_FOUND: FailureType.NotFound,
  BAD_USER_INPUT: FailureType.VendorRejected,
};
const FATAL = new Set(['UNAUTHENTICATED', 'UNAUTHORIZED', 'FORBIDDEN_IP', 'RATE_LIMIT_EXCEEDED']);

function isFatal(error: GraphQlError): boolean {
  return FATAL.has(error.extensions?.code ?? '');
}

/** A GraphQL error as failure. Its words are outside text, so they are cut short. */
export function graphQlFailure(doing: string, error: GraphQlError | undefined): Failure {
  const code = error?.extensions?.code ?? '';
  const words = (error?.message ?? 'neither data nor errors').replace(/\s+/g, ' ').slice(0, 300);
  // An unknown value of a filter comes as INTERNAL, although asking again does not help.
  const isOurs =
    /cannot query field|cannot represent value|failed to parse object type|unknown (?:argument|type)/i.test(
      words,
    );
  const known = Object.hasOwn(CODES, code) ? CODES[code] : undefined;
  const type = isOurs ? FailureType.VendorShape : (known ?? FailureType.VendorRejected);
  const advice = isOurs ? '; the schema of this tenant differs: leave this list out of `read`' : '';
  return new Failure(type, `wiz: ${doing}: ${words}${code === '' ? '' : ` (${code})`}${advice}`);
}
