/** Outside text for a terminal: one line, nothing that moves the cursor or changes colours. */
export function safe(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ');
}

/** JSON for programs, indented for people who look. */
export function printJson(value: unknown): void {
  console.log(JSON.stringify(value, null, 2));
}

/** Columns as wide as they need to be; the last one takes what the terminal leaves. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const lines = [head, ...rows].map((row) => row.map(safe)).filter((row) => row.some((cell) => cell !== ''));
  const widths = head.map((_, column) =>
    Math.min(48, Math.max(0, ...lines.map((row) => row[column]?.length ?? 0))),
  );
  const width = process.stdout.columns || 200;
  for (const row of lines) {
    const text = row
      .map((cell, column) =>
        column === row.length - 1 ? cell : cell.slice(0, 48).padEnd(widths[column] ?? 0),
      )
      .join('  ');
    console.log(text.trimEnd().slice(0, Math.max(width, 80)));
  }
}
