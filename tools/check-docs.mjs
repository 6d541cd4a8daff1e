// Fails when the documentation and the tree disagree: dead links, commands and options that the help does not know,
// a reference of the configuration that is not the schema's, and exports that nobody explained.
// `--write` writes the reference of the configuration anew.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { referenceOf } from './config-reference.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const faults = [];
const pages = listed('*.md').filter((file) => !/^(samples\/organisation|test|prompts)\//.test(file));
const helps = new Map();

for (const page of pages) {
  const text = readFileSync(join(ROOT, page), 'utf8');
  checkLinks(page, text);
  checkCommands(page, text);
}
await checkReference();
const documented = checkDocstrings();
for (const fault of faults) console.error(fault);
console.log(`${pages.length} pages, ${documented} exports, ${faults.length} faults`);
process.exit(faults.length === 0 && pages.length > 0 ? 0 : 1);

function listed(...patterns) {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z', ...patterns];
  const out = execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return [...new Set(out.split('\0'))].filter((file) => file !== '' && existsSync(join(ROOT, file)));
}

/** Relative links and pictures lead to a file, and their anchors to a heading. */
function checkLinks(page, text) {
  const prose = text.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').replace(/`[^`\n]*`/g, '');
  const targets = [
    ...[...prose.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)].map((match) => match[1]),
    ...[...prose.matchAll(/<(?:img|a|source)\s[^>]*?(?:src|href|srcset)="([^"]+)"/g)].map(
      (match) => match[1],
    ),
  ];
  for (const target of targets) {
    if (/^[a-z][a-z0-9+.-]*:/i.test(target)) continue;
    const [path, anchor] = target.split('#');
    const file = path === '' ? page : posix.join(dirname(page), decodeURIComponent(path));
    if (!existsSync(join(ROOT, file))) faults.push(`${page}: the link ${target} leads nowhere`);
    else if (anchor !== undefined && file.endsWith('.md') && !anchorsOf(file).has(anchor))
      faults.push(`${page}: ${file} has no heading #${anchor}`);
  }
}

/** Anchors as GitHub makes them from headings. */
function anchorsOf(file) {
  const text = readFileSync(join(ROOT, file), 'utf8').replace(/^(```|~~~)[\s\S]*?^\1/gm, '');
  const slugs = [...text.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)].map(([, heading]) =>
    heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
  return new Set(slugs);
}

/** Commands in code, fenced or not, exist in the help, with the options that are shown. */
function checkCommands(page, text) {
  const fenced = [...text.matchAll(/^```[a-z]*\n([\s\S]*?)^```/gm)].flatMap(([, code]) => code.split('\n'));
  const inline = [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, code]) => code);
  for (const code of [...fenced, ...inline]) {
    for (const [, words] of code.matchAll(/(?:^|[\s|;&(])(?:node )?(?:\.?\/?bin\/)?curtail ([^|;&#<>`]+)/g)) {
      checkCommand(page, words.trim().split(/\s+/));
    }
    for (const [, args] of code.matchAll(/\bnpm start -- ([^|;&#`]+)/g))
      checkCommand(page, ['up', ...args.trim().split(/\s+/)]);
    for (const [, script] of code.matchAll(/\bnpm run ([a-z:-]+)/g)) {
      if (!Object.hasOwn(scripts(), script)) faults.push(`${page}: there is no script \`npm run ${script}\``);
    }
  }
}

function checkCommand(page, words) {
  const path = [];
  let help = helpOf(path);
  for (const word of words) {
    if (!help.commands.has(word)) break;
    path.push(word);
    help = helpOf(path);
  }
  const next = words[path.length];
  const wantsCommand = path.length === 0 || (help.commands.size > 0 && !help.runs);
  if (wantsCommand && next !== undefined && /^[a-z]/.test(next)) {
    faults.push(`${page}: there is no command \`curtail ${words.join(' ')}\``);
    return;
  }
  for (const option of words.filter((word) => /^--[a-z]/.test(word)).map((word) => word.split('=')[0])) {
    if (!help.options.has(option))
      faults.push(`${page}: \`curtail ${path.join(' ')}\` has no option ${option}`);
  }
}

/** What `curtail <path> --help` lists: its subcommands, its options, and whether it does something by itself. */
function helpOf(path) {
  const key = path.join(' ');
  const known = helps.get(key);
  if (known !== undefined) return known;
  const ran = spawnSync(process.execPath, ['bin/curtail', ...path, '--help'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (ran.status !== 0)
    faults.push(`curtail ${key} --help ended with ${ran.status}: ${ran.stderr.slice(0, 200)}`);
  const [before = '', after = ''] = ran.stdout.split(/^Commands:$/m);
  const help = {
    commands: new Set([...after.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name]) => name)),
    options: new Set(['--help', ...[...before.matchAll(/(--[a-z][a-z-]*)/g)].map(([, name]) => name)]),
    runs: /--json|--batch/.test(before),
  };
  helps.set(key, help);
  return help;
}

function scripts() {
  return JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).scripts;
}

/** The tables of docs/configuration.md are the schema's. */
async function checkReference() {
  const file = 'docs/configuration.md';
  if (!existsSync(join(ROOT, file))) return;
  const schema = JSON.parse(
    execFileSync(process.execPath, ['bin/curtail', 'config', 'schema', '--json'], {
      cwd: ROOT,
      encoding: 'utf8',
    }),
  );
  const text = readFileSync(join(ROOT, file), 'utf8');
  const [start, end] = ['<!-- reference: begin -->', '<!-- reference: end -->'];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) {
    faults.push(`${file}: the marks ${start} and ${end} are missing`);
    return;
  }
  const wanted = `${text.slice(0, from)}${start}\n${referenceOf(schema)}${text.slice(to)}`;
  if (wanted === text) return;
  if (process.argv.includes('--write')) writeFileSync(join(ROOT, file), wanted);
  else
    faults.push(`${file}: the reference is not what the schema says; run node tools/check-docs.mjs --write`);
}

/**
 * Every export has a docstring of its own, or shares the one above: a type with the value it is made from,
 * and one-line exports that follow each other without an empty line.
 */
function checkDocstrings() {
  const areas = ['domain', 'workflows', 'activities', 'runtime', 'workers', 'client', 'bin', 'samples'];
  let count = 0;
  for (const file of listed(...areas.map((area) => `${area}/**/*.ts`), 'workflows/*.ts')) {
    if (file.endsWith('.d.ts') || file.includes('/generated/')) continue;
    const lines = readFileSync(join(ROOT, file), 'utf8').split('\n');
    const seen = new Set();
    for (const [index, line] of lines.entries()) {
      const name =
        /^export (?:declare )?(?:async )?(?:abstract )?(?:function\*?|const|interface|type|class) ([\w$]+)/.exec(
          line,
        )?.[1];
      if (name === undefined) continue;
      count += 1;
      const first = !seen.has(name);
      seen.add(name);
      if (first && !isExplained(lines, index)) faults.push(`${file}:${index + 1}: ${name} has no docstring`);
    }
  }
  return count;
}

function isExplained(lines, index) {
  const declared = lines[index] ?? '';
  const source =
    /=\s*(?:\(typeof (\w+)\)|z\.(?:output|infer|input)<typeof (\w+)>|typeof (\w+)|keyof typeof (\w+))/.exec(
      declared,
    );
  if (source !== null && index > 0) {
    const made = source.slice(1).find((name) => name !== undefined);
    if (lines.slice(0, index).some((line) => new RegExp(`^(?:export )?const ${made}\\b`).test(line)))
      return true;
  }
  for (let above = index - 1; above >= 0; above -= 1) {
    const line = (lines[above] ?? '').trimEnd();
    if (line.endsWith('*/')) return true;
    if (/^\s*\/\//.test(line)) continue;
    if (!/^export .*[;{}]$/.test(line)) return false;
  }
  return false;
}
