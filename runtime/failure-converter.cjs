/** Encrypts messages and stack traces of failures with the payloads. CommonJS: the SDK loads it by path. */
const { DefaultFailureConverter } = require('@temporalio/common');

exports.failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
