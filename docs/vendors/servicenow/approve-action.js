/**
 * UI action `Approve & Deploy` on `change_request`, form button, server side. Condition:
 *   current.correlation_id.toString().indexOf('curtail-') == 0 && current.approval == 'requested'
 * It approves the approval of whoever presses it and nothing else; the business rule above then tells Curtail. Set
 * `glide.security.strict.actions` to true, so that the condition is checked on the server as well.
 */
(function () {
  var mine = new GlideRecord('sysapproval_approver');
  mine.addQuery('sysapproval', current.getUniqueValue());
  mine.addQuery('approver', gs.getUserID());
  mine.addQuery('state', 'requested');
  mine.query();
  if (!mine.next()) {
    gs.addErrorMessage('You are not asked to approve this change.');
    return;
  }
  mine.setValue('state', 'approved');
  mine.update();
  gs.addInfoMessage('Approved. Curtail carries it out and writes here what became of it.');
  action.setRedirectURL(current);
})();
