/** Command lines as a POSIX shell script. Every argument is quoted, so no name can become a command. */
export function writeShell(lines: readonly (readonly string[])[], summary: string): string {
  const title = summary.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
  return `#!/bin/sh\n# ${title}\nset -eu\n${lines.map((line) => `${line.map(shellWord).join(' ')}\n`).join('')}`;
}

function shellWord(word: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
