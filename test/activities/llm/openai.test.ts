import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { AdapterDeps } from '../../../activities/adapter.js';
import type { LanguageModel, ModelTask } from '../../../activities/llm/port.js';
import { llmAdapters } from '../../../activities/llm/registry.js';
import { Secret } from '../../../runtime/secret.js';
import { type Behaviour, type OpenAiServer, startOpenAiServer } from '../../support/openai-server.js';

let server: OpenAiServer;
beforeAll(async () => {
  server = await startOpenAiServer();
});
afterAll(() => server.close());
afterEach(() => {
  server.seen.length = 0;
});

let nowMs = 0;
const deps: AdapterDeps = {
  log: () => undefined,
  now: () => nowMs,
  fetch: globalThis.fetch,
  resolveSecret: async (reference) => new Secret(`secret of ${reference}`),
  folder: '.',
};
const task: ModelTask = {
  promptId: 'explain-finding',
  promptVersion: 1,
  promptDigest: 'd',
  system: 'be brief',
  user: 'facts',
  maxOutputTokens: 500,
  timeoutMs: 5_000,
};
const schema = { type: 'object', properties: {}, additionalProperties: false };
const open = (over: Record<string, unknown> = {}): Promise<LanguageModel> =>
  llmAdapters.compatible.open(
    { provider: 'compatible', model: 'm-1', baseUrl: server.url, apiKey: 'env:KEY', ...over },
    deps,
  );

describe('a model that speaks chat completions', () => {
  it('is asked once, for JSON of the schema, with its key and limits', async () => {
    server.behave({ content: '{"a": 1}' });
    const model = await open();
    expect(await model.ask(task, schema)).toEqual({
      answer: { a: 1 },
      model: 'fake-1',
      inputTokens: 100,
      outputTokens: 20,
      latencyMs: 0,
    });
    expect(server.seen).toHaveLength(1);
    const [seen] = server.seen;
    expect(seen?.path).toBe('/v1/chat/completions');
    expect(seen?.headers['authorization']).toBe('Bearer secret of env:KEY');
    expect(seen?.body).toEqual({
      model: 'm-1',
      messages: [
        { role: 'system', content: 'be brief' },
        { role: 'user', content: 'facts' },
      ],
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'explain_finding', schema, strict: true },
      },
      max_tokens: 500,
    });
  });

  it('reads JSON out of a fenced block', async () => {
    server.behave({ content: '```json\n{"a": 1}\n```' });
    expect((await (await open()).ask(task, schema)).answer).toEqual({ a: 1 });
  });

  it('asks OpenAI and Azure in their own ways', async () => {
    server.behave({ content: '{}' });
    const own = await llmAdapters.openai.open(
      { provider: 'openai', model: 'm', apiKey: 'env:K', baseUrl: server.url },
      deps,
    );
    await own.ask(task, schema);
    const azure = await llmAdapters['azure-openai'].open(
      {
        provider: 'azure-openai',
        model: 'm',
        apiKey: 'env:K',
        baseUrl: server.url.replace('/v1', ''),
        deployment: 'dep',
        apiVersion: '2026-01-01',
      },
      deps,
    );
    await azure.ask(task, schema);
    expect(server.seen.map(({ path }) => path)).toEqual([
      '/v1/chat/completions',
      '/openai/deployments/dep/chat/completions?api-version=2026-01-01',
    ]);
    expect(server.seen[0]?.body['max_completion_tokens']).toBe(500);
    expect(server.seen[1]?.headers['api-key']).toBe('secret of env:K');
  });

  it.each<[name: string, behaviour: Behaviour, type: string]>([
    ['nothing', { content: '' }, 'model.unusable'],
    ['prose', { content: 'Sure! Here is it.' }, 'model.unusable'],
    ['half an object', { content: '{"a": ' }, 'model.unusable'],
    ['a refusal', { content: '', refusal: 'I cannot' }, 'model.unusable'],
    ['an answer that was cut off', { content: '{"a": 1}', finish: 'length' }, 'model.unusable'],
    ['what a filter stopped', { content: '{"a": 1}', finish: 'content_filter' }, 'model.unusable'],
    ['far too much', { content: `"${'x'.repeat(200_000)}"` }, 'model.unusable'],
    ['no choices', { raw: '{"choices": []}' }, 'model.unusable'],
    ['something else', { raw: '{"hello": "world"}' }, 'model.unusable'],
    ['400', { status: 400 }, 'vendor.rejected'],
    [
      '400 for its length',
      { status: 400, body: { error: { code: 'context_length_exceeded' } } },
      'model.unusable',
    ],
    ['401', { status: 401 }, 'vendor.auth'],
    ['403', { status: 403 }, 'vendor.auth'],
    ['404', { status: 404 }, 'vendor.rejected'],
    ['409', { status: 409 }, 'vendor.unavailable'],
    ['429', { status: 429 }, 'vendor.throttled'],
    [
      '429 for want of money',
      { status: 429, body: { error: { code: 'insufficient_quota' } } },
      'vendor.rejected',
    ],
    ['500', { status: 500 }, 'vendor.unavailable'],
    ['503', { status: 503 }, 'vendor.unavailable'],
    ['a connection that breaks', 'reset', 'vendor.unavailable'],
  ])('that answers with %s fails once, and is not asked again', async (_name, behaviour, type) => {
    server.behave(behaviour);
    await expect((await open()).ask(task, schema)).rejects.toMatchObject({ name: 'Failure', type });
    expect(server.seen).toHaveLength(1);
  });

  it('that never answers is given up after its time', async () => {
    server.behave('hang');
    await expect((await open()).ask({ ...task, timeoutMs: 50 }, schema)).rejects.toMatchObject({
      type: 'vendor.unavailable',
    });
    expect(server.seen).toHaveLength(1);
  });

  it('that asks to wait says how long', async () => {
    server.behave({ status: 429, headers: { 'retry-after': '7' } });
    await expect((await open()).ask(task, schema)).rejects.toMatchObject({ retryAfterMs: 7_000 });
  });

  it('is left alone when the caller cancels, and the cancellation comes back as it was', async () => {
    server.behave('hang');
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const asking = (await open()).ask({ ...task, signal: controller.signal }, schema);
    controller.abort(reason);
    await expect(asking).rejects.toBe(reason);
  });

  it('never shows the prompt in a failure', async () => {
    server.behave({ status: 400, body: { error: { message: 'bad: facts about role X', code: 'bad' } } });
    await expect((await open()).ask(task, schema)).rejects.toThrow(
      /^compatible: asking the model: HTTP 400 bad$/,
    );
  });

  it('stops when the tokens of the day are spent, and goes on the next day', async () => {
    server.behave({ content: '{}' });
    nowMs = 86_400_000 * 10;
    const model = await open({ dailyTokenLimit: 150 });
    await model.ask(task, schema);
    await model.ask(task, schema);
    await expect(model.ask(task, schema)).rejects.toMatchObject({ type: 'model.unusable' });
    nowMs += 86_400_000;
    await expect(model.ask(task, schema)).resolves.toBeDefined();
    nowMs = 0;
  });
});

describe('no model', () => {
  it('says so', async () => {
    const model = await llmAdapters.offline.open({ provider: 'offline', timeoutMs: 1 }, deps);
    expect(model.kind).toBe('offline');
    await expect(model.ask(task, schema)).rejects.toMatchObject({ type: 'model.unusable' });
  });
});

describe('the configuration of a model', () => {
  it.each([
    [{ provider: 'compatible', baseUrl: 'x' }, /model/],
    [{ provider: 'compatible', model: 'm', tempo: 1 }, /tempo/],
    [{ provider: 'cobol', model: 'm' }, /provider/],
  ])('refuses %j', (config, message) => {
    expect(() => {
      llmAdapters.compatible.check(config);
    }).toThrow(message);
  });
});
