import { isRecord } from '../../../domain/json.js';
import type { Defined } from './input.js';

/** Answers one parsed input line; throws an error with a `type` for a bad one. */
export type Run = (line: unknown, defined: Defined) => unknown;

/** A command that needs no configuration, server or network. */
export interface EngineCommand {
  /** One sentence for the help. */
  describe: string;
  run: Run;
  /** Whether an answer is a "no", for the exit code when one document is asked. */
  isNo?: (answer: unknown) => boolean;
  /** Other ways to give the one document: by file instead of on standard input. */
  files?: EngineFiles;
}

/** How a command takes its document from files. */
export interface EngineFiles {
  /** The argument and option as the help shows them. */
  argument: string;
  option: readonly [flag: string, description: string];
  /** The document; undefined when no file was named. @throws an error with a `type` */
  read: (argument: string | undefined, option: string | undefined) => Promise<unknown>;
}

/** Loads the engine behind a command at its first line, so that no command waits for another's. */
function lazily(load: () => Promise<Run>): Run {
  let loading: Promise<Run> | undefined;
  let loaded: Run | undefined;
  return (line, defined) => {
    if (loaded !== undefined) return loaded(line, defined);
    loading ??= load();
    return loading.then((run) => {
      loaded = run;
      return run(line, defined);
    });
  };
}

/** The engine's commands by name. Adding one is one entry here. */
export const ENGINE_COMMANDS: Readonly<Record<string, EngineCommand>> = {
  'policy check': {
    describe:
      'Prove that a candidate policy allows nothing that the reference does not, or show a request that it does',
    run: lazily(async () => (await import('./policy-check.js')).policyCheck),
    isNo: (answer) => isRecord(answer) && answer['verdict'] !== 'PASS',
  },
  'policy evaluate': {
    describe:
      'Decide one request under identity, resource, boundary, session, endpoint and organisation policies',
    run: lazily(async () => (await import('./policy-evaluate.js')).policyEvaluate),
  },
  'policy expand': {
    describe: 'List the actions that patterns such as s3:Get* stand for',
    run: lazily(async () => (await import('./policy-expand.js')).policyExpand),
  },
  'policy rightsize': {
    describe: 'Shrink policies to what was used, with a reason for every line and a proof',
    run: lazily(async () => (await import('./policy-rightsize.js')).policyRightsize),
  },
  paths: {
    describe: 'Find the ways by which principals of an account can gain more than they were given',
    run: lazily(async () => (await import('./paths.js')).paths),
  },
  'paths fix': {
    describe: 'Break a path by the smallest change that keeps what is used',
    run: lazily(async () => (await import('./paths-fix.js')).pathsFix),
  },
  anomaly: {
    describe: 'Rank identities or events of a trail by how unusual they are, with reasons',
    run: lazily(async () => (await import('./anomaly.js')).anomaly),
  },
  draft: {
    describe: 'Draft a proved change for a finding, or say why there is none',
    run: lazily(async () => (await import('./draft.js')).draft),
  },
  'proof verify': {
    describe: 'Check a proof against its inputs, by a verifier that shares nothing with the engine',
    run: lazily(async () => (await import('./proof-verify.js')).proofVerify),
    isNo: (answer) => isRecord(answer) && answer['valid'] !== true,
    files: {
      argument: '[file]',
      option: ['--inputs <folder>', 'with a file: the inputs of its proof, one JSON file each, by name'],
      read: async (file, folder) => (await import('./proof-files.js')).readProofFiles(file, folder),
    },
  },
  'finding normalise': {
    describe:
      'Read one finding of a platform, or a plain payload, into the one shape that everything else takes',
    run: lazily(async () => (await import('./finding-normalise.js')).findingNormalise),
  },
  redact: {
    describe: 'Replace secrets, identifiers and people in a text by stable pseudonyms',
    run: lazily(async () => (await import('./redact.js')).redactLine),
  },
  'change render': {
    describe: 'Write a change as policy JSON, Terraform, CloudFormation or commands',
    run: lazily(async () => (await import('./change-render.js')).changeRender),
  },
  'change reverse': {
    describe: 'Turn a change round, so that it can be taken back',
    run: lazily(async () => (await import('./change-reverse.js')).changeReverse),
  },
};
