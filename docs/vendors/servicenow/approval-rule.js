/**
 * Business rule on `sysapproval_approver`, when: async, on update. Condition (builder): State changes to Approved OR State changes
 * to Rejected; in an async rule only conditions of the builder know what has changed.
 */
(function executeRule(current) {
  var ticket = new GlideRecord('change_request');
  if (!ticket.get(current.getValue('sysapproval') || current.getValue('document_id'))) return;
  // Only records that Curtail opened.
  if (String(ticket.getValue('correlation_id')).indexOf('curtail-') !== 0) return;
  new CurtailCallback().send(ticket, 'change.approval', current.getUniqueValue() + '.' + current.getValue('sys_mod_count'));
})(current);
