/**
 * Script include `CurtailCallback`, accessible from all application scopes. Tells Curtail that something happened to a record;
 * Curtail then reads the record itself. Signed as Standard Webhooks (https://www.standardwebhooks.com): HMAC-SHA256 by a base64
 * key over `<id>.<seconds>.<body>`. Everything that is signed is ASCII, since the charset of generateMac is not documented.
 */
var CurtailCallback = Class.create();
CurtailCallback.prototype = {
  initialize: function () {},

  /** @param {GlideRecord} record the ticket  @param {string} type e.g. change.approval  @param {string} id the act's own id */
  send: function (record, type, id) {
    var now = new GlideDateTime();
    var seconds = String(Math.floor(now.getNumericValue() / 1000));
    var body = JSON.stringify({
      specversion: 1,
      type: type,
      id: id,
      occurred_at: now.getValue().replace(' ', 'T') + 'Z',
      instance: gs.getProperty('instance_name') + '.service-now.com',
      data: { table: record.getTableName(), sys_id: record.getUniqueValue() },
    });
    // The REST message `Curtail`, method `callback`, keeps the address; its variable is not used for secrets.
    var message = new sn_ws.RESTMessageV2('Curtail', 'callback');
    var key = this._key();
    var mac = new CertificateEncryption().generateMac(key, 'HmacSHA256', id + '.' + seconds + '.' + body);
    message.setRequestHeader('content-type', 'application/json');
    message.setRequestHeader('webhook-id', id);
    message.setRequestHeader('webhook-timestamp', seconds);
    message.setRequestHeader('webhook-signature', 'v1,' + mac);
    message.setRequestBody(body);
    message.setHttpTimeout(10000);
    var answer = message.execute();
    // A lost callback is found by Curtail's own look at open tickets; there is nothing to try again here.
    if (answer.getStatusCode() >= 300) gs.warn('Curtail: callback ' + type + ': HTTP ' + answer.getStatusCode());
  },

  /** The key lies in a credential of the type *Basic auth* named `Curtail callback key`: its password, without `whsec_`. */
  _key: function () {
    var provider = new sn_cc.StandardCredentialsProvider();
    var credential = provider.getCredentialByID(gs.getProperty('curtail.callback.credential'));
    return String(credential.getAttribute('password'));
  },

  type: 'CurtailCallback',
};
