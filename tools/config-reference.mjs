// The reference of curtail.yaml as Markdown, made from its JSON schema.

/** One table for each section of the configuration, in the schema's order. */
export function referenceOf(schema) {
  const singles = [];
  const sections = [];
  for (const [key, member] of Object.entries(schema.properties)) {
    const rows = rowsOf(member, key);
    if (rows.length === 1) singles.push(...rows);
    else sections.push([key, rows]);
  }
  const tables = [['top level', singles], ...sections].map(
    ([title, rows]) => `### ${title === 'top level' ? 'Top level' : `\`${title}\``}\n\n${tableOf(rows)}`,
  );
  return `\n${tables.join('\n\n')}\n\n`;
}

function tableOf(rows) {
  const lines = rows.map(
    ({ key, value, fallback, what }) => `| \`${key}\` | ${value} | ${fallback} | ${what} |`,
  );
  return ['| key | value | default | |', '|---|---|---|---|', ...lines].join('\n');
}

/** Rows of one member: itself when it is a value, its members when it is an object, a list or a choice of objects. */
function rowsOf(member, key) {
  const variants = (member.oneOf ?? member.anyOf ?? []).filter(({ type }) => type === 'object');
  if (variants.length > 0) {
    return [
      rowOf(member, key, 'one of the following'),
      ...variants.flatMap((variant) => variantRows(variant, key)),
    ];
  }
  if (member.type === 'array' && member.items?.type === 'object') {
    return [rowOf(member, key, 'list'), ...membersOf(member.items, `${key}[]`)];
  }
  if (member.type === 'object') {
    const inside = membersOf(member, key);
    if (inside.length > 0) return inside;
    const named = member.additionalProperties;
    if (typeof named === 'object' && !isOpen(member)) return rowsOf(named, `${key}.<name>`);
  }
  return [rowOf(member, key, shapeOf(member))];
}

function variantRows(variant, key) {
  const [name, tag] =
    Object.entries(variant.properties).find(([, { const: fixed }]) => fixed !== undefined) ?? [];
  const rest = Object.entries(variant.properties).filter(([member]) => member !== name);
  const label = name === undefined ? key : `${key} (${name}: ${tag.const})`;
  if (rest.length === 0) return [{ key: label, value: '', fallback: '', what: 'no further settings' }];
  return rest.flatMap(([member, schema]) =>
    rowsOf(schema, member).map((row) => required({ ...row, key: `${label} ${row.key}` }, variant, member)),
  );
}

function membersOf(object, key) {
  const rows = Object.entries(object.properties ?? {}).flatMap(([name, member]) =>
    rowsOf(member, `${key}.${name}`).map((row) => required(row, object, name)),
  );
  if (rows.length === 0 || !isOpen(object)) return rows;
  const what = "The vendor's own settings; its adapter checks them.";
  return [...rows, { key: `${key}.*`, value: 'anything', fallback: '', what }];
}

function required(row, object, name) {
  const needed = (object.required ?? []).includes(name) && row.key.endsWith(name) && row.fallback === '';
  return needed ? { ...row, fallback: '*required*' } : row;
}

function rowOf(member, key, value) {
  const { default: fallback, description = '' } = member;
  const shown =
    fallback === undefined || (typeof fallback === 'object' && Object.keys(fallback).length === 0);
  return { key, value, fallback: shown ? '' : `\`${JSON.stringify(fallback)}\``, what: cell(description) };
}

function shapeOf(member) {
  const { type, anyOf, items, minimum, maximum, exclusiveMinimum } = member;
  if (member.const !== undefined) return `\`${member.const}\``;
  if (member.enum !== undefined) return member.enum.map((one) => `\`${one}\``).join(', ');
  if (anyOf !== undefined) return [...new Set(anyOf.map(shapeOf))].join(' or ');
  if (type === 'array') return `list of ${items === undefined ? 'anything' : shapeOf(items)}`;
  if (type === 'string') return 'text';
  if (type === 'boolean') return '`true`, `false`';
  if (type === 'integer' || type === 'number') {
    const low = minimum ?? exclusiveMinimum;
    const what = type === 'integer' ? 'whole number' : 'number';
    const bounded = low !== undefined && maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
    return bounded ? `${what}, ${low} to ${maximum}` : what;
  }
  return type ?? 'anything';
}

/** Whether an object may have members that are not listed, whatever they are. */
function isOpen({ additionalProperties: rest }) {
  if (rest === undefined || rest === true) return true;
  return typeof rest === 'object' && rest !== null && Object.keys(rest).length === 0;
}

function cell(text) {
  return text.replace(/\s+/g, ' ').replaceAll('|', '\\|');
}
