import type { Need, Technique, Workload } from './technique.js';

function inAccount(service: string, resource: string): string {
  return `arn:aws:${service}:*:{account}:${resource}`;
}
function need(action: string, ...on: readonly string[]): Need {
  return { action, on: on.length === 0 ? ['*'] : on };
}

const PASS_ROLE = need('iam:PassRole', '{role}');
const GLUE = ['glue.amazonaws.com'];
const SAGEMAKER = ['sagemaker.amazonaws.com'];
const JOB = inAccount('glue', 'job/*');
const TRIGGER = inAccount('glue', 'trigger/*');
const DEV_ENDPOINT = inAccount('glue', 'devEndpoint/*');
const NOTEBOOK = inAccount('sagemaker', 'notebook-instance/*');
const INTERPRETER = inAccount('bedrock-agentcore', 'code-interpreter-custom/*');
const GLUE_JOB: Workload = { arns: [JOB], noun: 'a Glue job' };
const NOTEBOOKS: Workload = { arns: [NOTEBOOK], noun: 'a SageMaker notebook instance' };

function passes(
  id: string,
  title: string,
  services: readonly string[],
  needs: readonly Need[],
  besides?: Workload,
): Technique {
  const known = besides === undefined ? {} : { besides };
  return {
    id,
    title,
    category: 'new-passrole',
    target: 'passed-role',
    services,
    needs: [PASS_ROLE, ...needs],
    ...known,
  };
}
function takesOver(id: string, title: string, workload: Workload, needs: readonly Need[]): Technique {
  return { id, title, category: 'existing-passrole', target: 'workload', workload, needs };
}

/** Techniques over Glue, SageMaker and Bedrock. Ids and permissions: pathfinding.cloud. */
export const ANALYTICS_TECHNIQUES: readonly Technique[] = [
  passes(
    'bedrock-001',
    'Run code in a new code interpreter with the role',
    ['bedrock-agentcore.amazonaws.com'],
    [
      need('bedrock-agentcore:CreateCodeInterpreter'),
      need('bedrock-agentcore:StartCodeInterpreterSession', INTERPRETER),
      need('bedrock-agentcore:InvokeCodeInterpreter', INTERPRETER),
    ],
  ),
  takesOver(
    'bedrock-002',
    'Run code in a code interpreter and use its role',
    {
      arns: [INTERPRETER, inAccount('bedrock-agentcore', 'code-interpreter/*')],
      noun: 'a custom code interpreter',
    },
    [
      need('bedrock-agentcore:StartCodeInterpreterSession', '{workload}'),
      need('bedrock-agentcore:InvokeCodeInterpreter', '{workload}'),
    ],
  ),
  passes('glue-001', 'Create a development endpoint with the role and log on to it', GLUE, [
    need('glue:CreateDevEndpoint'),
  ]),
  takesOver(
    'glue-002',
    'Put an SSH key on a development endpoint and use its role',
    { arns: [DEV_ENDPOINT], noun: 'a Glue development endpoint' },
    [need('glue:UpdateDevEndpoint', '{workload}')],
  ),
  passes('glue-003', 'Create a Glue job with the role and run it', GLUE, [
    need('glue:CreateJob', JOB),
    need('glue:StartJobRun', JOB),
  ]),
  passes('glue-004', 'Create a Glue job with the role and a trigger that runs it', GLUE, [
    need('glue:CreateJob', JOB),
    need('glue:CreateTrigger', TRIGGER),
  ]),
  passes(
    'glue-005',
    'Give a Glue job the role and other code, and run it',
    GLUE,
    [need('glue:UpdateJob', JOB), need('glue:StartJobRun', JOB)],
    GLUE_JOB,
  ),
  passes(
    'glue-006',
    'Give a Glue job the role and other code, and a trigger that runs it',
    GLUE,
    [need('glue:UpdateJob', JOB), need('glue:CreateTrigger', TRIGGER)],
    GLUE_JOB,
  ),
  passes('sagemaker-001', 'Create a notebook instance with the role', SAGEMAKER, [
    need('sagemaker:CreateNotebookInstance', NOTEBOOK),
  ]),
  passes('sagemaker-002', 'Run a training job with the role', SAGEMAKER, [
    need('sagemaker:CreateTrainingJob', inAccount('sagemaker', 'training-job/*')),
  ]),
  passes('sagemaker-003', 'Run a processing job with the role', SAGEMAKER, [
    need('sagemaker:CreateProcessingJob', inAccount('sagemaker', 'processing-job/*')),
  ]),
  takesOver('sagemaker-004', 'Open a notebook instance and use its role', NOTEBOOKS, [
    need('sagemaker:CreatePresignedNotebookInstanceUrl', '{workload}'),
  ]),
  takesOver('sagemaker-005', 'Start a notebook instance with another start script', NOTEBOOKS, [
    need(
      'sagemaker:CreateNotebookInstanceLifecycleConfig',
      inAccount('sagemaker', 'notebook-instance-lifecycle-config/*'),
    ),
    need('sagemaker:StopNotebookInstance', '{workload}'),
    need('sagemaker:UpdateNotebookInstance', '{workload}'),
    need('sagemaker:StartNotebookInstance', '{workload}'),
  ]),
];
