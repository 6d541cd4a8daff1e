import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { AdapterDeps } from '../../activities/adapter.js';
import { shelfOf } from '../../activities/itsm/inbox.js';
import { createBlame } from '../../activities/lifecycle/blame.js';
import { showState } from '../../activities/lifecycle/messages.js';
import type { LifecyclePorts } from '../../activities/lifecycle/ports.js';
import { separationFacts } from '../../activities/lifecycle/separation-facts.js';
import type { LifecycleControl } from '../../client/gateway/control.js';
import type { GatewayDeps } from '../../client/gateway/deps.js';
import { createGateway } from '../../client/gateway/server.js';
import type { ReadHinted } from '../../client/hints.js';
import { CHANGE_FORMATS, renderChange } from '../../domain/change/render.js';
import type { LoadedConfig } from '../../runtime/config.js';
import type { GatewaySigner } from '../../runtime/grant-keys.js';
import { Secret } from '../../runtime/secret.js';
import { openCallbacks } from './callbacks.js';
import { codecServer } from './codec.js';
import { createForecast } from './forecast.js';
import { createIntake } from './intake.js';
import { createQuarantine } from './quarantine.js';

/** What a gateway is put together from. */
export interface GatewayParts {
  loaded: LoadedConfig;
  folder: string;
  publicUrl: string;
  ports: LifecyclePorts;
  control: LifecycleControl;
  signer: GatewaySigner;
  /** Looks at once for findings whose lives may begin. */
  reconcileNow: () => Promise<void>;
  answerQuestion: GatewayDeps['answerQuestion'];
  resolveSecret: AdapterDeps['resolveSecret'];
  readHinted: ReadHinted;
  onSignInCode: (personId: string, code: string) => void;
}

/** Builds the gateway over the opened ports and listens. */
export async function startGateway(parts: GatewayParts): Promise<FastifyInstance> {
  const { loaded, ports } = parts;
  const { host, port, sessionTtlMinutes } = loaded.config.gateway;
  const shelf = shelfOf(ports.tickets);
  const codec = await codecServer(loaded.config.temporal, parts.resolveSecret);
  const gateway = createGateway({
    ledger: ports.ledger,
    directory: ports.directory,
    ...(shelf !== undefined && { tickets: shelf }),
    control: parts.control,
    signer: parts.signer,
    now: ports.now,
    log: ports.log,
    config: {
      publicUrl: parts.publicUrl,
      sessionTtlMinutes,
      secureCookies: parts.publicUrl.startsWith('https:'),
    },
    onSignInCode: parts.onSignInCode,
    answerQuestion: parts.answerQuestion,
    renderFiles: (changes) =>
      changes.flatMap((change, index) =>
        CHANGE_FORMATS.flatMap((format) =>
          renderChange(change, format).files.map((file) => ({
            name: `${index + 1}-${file.name}`,
            text: file.text,
          })),
        ),
      ),
    separationFacts: (request) => separationFacts(ports, request.request),
    blame: createBlame(ports),
    intake: createIntake(ports),
    quarantine: createQuarantine(ports),
    forecast: createForecast(ports, parts.reconcileNow),
    onDecided: async (requestId) => {
      const row = await ports.ledger.request(requestId);
      if (row !== undefined) await showState(ports, row);
    },
    openWebhooks: await openCallbacks(parts),
    ...(codec !== undefined && { codec }),
    token: await apiToken(parts.folder),
  });
  await gateway.listen({ host, port });
  return gateway;
}

/** Token of the loopback API: in a file that only its owner reads; the CLI of the same user finds it there. */
async function apiToken(folder: string): Promise<Secret> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'api-token');
  try {
    return new Secret((await readFile(path, 'utf8')).trim());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const token = randomBytes(32).toString('base64url');
  await writeFile(path, `${token}\n`, { mode: 0o600 });
  return new Secret(token);
}
