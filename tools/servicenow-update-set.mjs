// Packs the scripts of docs/vendors/servicenow into an update set that an administrator can import (Retrieved Update Sets,
// Import Update Set from XML). `--check` fails when the packed file is not what the scripts make.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../docs/vendors/servicenow/', import.meta.url));
const FILE = `${FOLDER}update-set.xml`;
const SET = 'Curtail callbacks';
const script = (name) => readFileSync(`${FOLDER}${name}`, 'utf8');

const RECORDS = [
  record('sys_script_include', 'CurtailCallback', {
    name: 'CurtailCallback',
    api_name: 'global.CurtailCallback',
    client_callable: 'false',
    access: 'public',
    active: 'true',
    script: script('send-callback.js'),
  }),
  record('sys_script', 'Curtail: tell approvals', {
    name: 'Curtail: tell approvals',
    collection: 'sysapproval_approver',
    when: 'async',
    action_update: 'true',
    action_insert: 'false',
    filter_condition: 'stateCHANGESTOapproved^ORstateCHANGESTOrejected^EQ',
    advanced: 'true',
    // Switched on by the administrator once the REST message and the credential are there.
    active: 'false',
    script: script('approval-rule.js'),
  }),
  record('sys_ui_action', 'Approve & Deploy', {
    name: 'Approve & Deploy',
    table: 'change_request',
    action_name: 'curtail_approve_and_deploy',
    form_button: 'true',
    show_update: 'true',
    show_insert: 'false',
    condition:
      "current.correlation_id.toString().indexOf('curtail-') == 0 && current.approval == 'requested'",
    active: 'false',
    script: script('approve-action.js'),
  }),
  record('sys_properties', 'curtail.callback.credential', {
    name: 'curtail.callback.credential',
    type: 'string',
    description: 'sys_id of the credential whose password is the key of the callbacks, without whsec_',
    value: '',
  }),
  record('sys_rest_message', 'Curtail', {
    name: 'Curtail',
    description: 'Tells Curtail that something happened to a record that it opened',
    rest_endpoint: 'https://curtail.example.com/webhooks/servicenow',
    access: 'public',
  }),
  record('sys_rest_message_fn', 'Curtail/callback', {
    function_name: 'callback',
    http_method: 'post',
    rest_message: id('sys_rest_message', 'Curtail'),
    rest_endpoint: 'https://curtail.example.com/webhooks/servicenow',
  }),
];

const text = packed();
if (process.argv.includes('--check')) {
  const same = readFileSync(FILE, 'utf8') === text;
  if (!same)
    console.error('the update set is not what its scripts make: node tools/servicenow-update-set.mjs');
  process.exit(same ? 0 : 1);
}
writeFileSync(FILE, text);

/** The same name is the same record in every instance, so that a later import changes it instead of adding one. */
function id(table, name) {
  return createHash('sha256').update(`curtail/${table}/${name}`).digest('hex').slice(0, 32);
}

function record(table, name, fields) {
  return { table, name, sysId: id(table, name), fields };
}

function payload({ table, sysId, fields }) {
  const columns = Object.entries({ ...fields, sys_id: sysId, sys_scope: 'global' })
    .map(([column, value]) => `<${column}>${escaped(value)}</${column}>`)
    .join('');
  return `<?xml version="1.0" encoding="UTF-8"?><record_update table="${table}"><${table} action="INSERT_OR_UPDATE">${columns}</${table}></record_update>`;
}

function packed() {
  const setId = id('sys_remote_update_set', SET);
  const head = columnsOf({
    application: 'global',
    description:
      'Business rule, UI action and REST message that tell Curtail about approvals; rule and action come switched off',
    name: SET,
    remote_sys_id: setId,
    state: 'loaded',
    sys_id: setId,
  });
  const updates = RECORDS.map((each) => {
    const columns = columnsOf({
      action: 'INSERT_OR_UPDATE',
      application: 'global',
      category: 'customer',
      name: `${each.table}_${each.sysId}`,
      payload: payload(each),
      remote_update_set: setId,
      target_name: each.name,
      type: each.table,
      update_set: '',
      sys_id: id('sys_update_xml', each.name),
    });
    return `<sys_update_xml action="INSERT_OR_UPDATE">\n${columns}</sys_update_xml>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<unload unload_date="2026-11-25 00:00:00">\n<sys_remote_update_set action="INSERT_OR_UPDATE">\n${head}</sys_remote_update_set>\n${updates.join('\n')}\n</unload>\n`;
}

function columnsOf(fields) {
  return Object.entries(fields)
    .map(([column, value]) => `<${column}>${escaped(value)}</${column}>\n`)
    .join('');
}

function escaped(value) {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
