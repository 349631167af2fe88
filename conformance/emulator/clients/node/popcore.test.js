'use strict';
// @alicloud/pop-core and the package of 2019 that stands on it: V1. They throw on every code but OK, and the HTTP status is only in the
// error's entry.

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { RPCClient } = require('@alicloud/pop-core');
const Dyplsapi = require('@alicloud/dyplsapi-2017-05-25');
const { fixed, temporary, limits, skip, endpoint, binding, journey, tooFast } = require('./clients');

// refused wants the error that pop-core throws.
function refused(promise, code, status) {
  return assert.rejects(promise, (err) => {
    assert.equal(err.name, `${code}Error`);
    assert.equal(err.code, code);
    assert.equal(err.data.Code, code);
    assert.match(err.data.RequestId, /^[0-9A-F-]{36}$/);
    assert.equal(err.entry.response.statusCode, status);
    return true;
  });
}

const business = (promise, code) => refused(promise, code, 200);

function popCore(key, method) {
  const rpc = new RPCClient({ ...key, endpoint: `http://${endpoint()}`, apiVersion: '2017-05-25' });
  const call = (action) => (params) => rpc.request(action, params, { method });
  return { bind: call('BindAxb'), query: call('QuerySubscriptionDetail'), unbind: call('UnbindSubscription'), business };
}

function dyplsapi(key, method) {
  const rpc = new Dyplsapi({ ...key, endpoint: `http://${endpoint()}` });
  return {
    bind: (params) => rpc.bindAxb(params, { method }),
    query: (params) => rpc.querySubscriptionDetail(params, { method }),
    unbind: (params) => rpc.unbindSubscription(params, { method }),
    business,
  };
}

for (const [name, make] of [['pop-core', popCore], ['dyplsapi-2017-05-25', dyplsapi]]) {
  for (const method of ['GET', 'POST']) {
    test(`${name} ${method}`, { skip }, () => journey(make(fixed, method)));
    for (const { key, PoolKey, code, status } of limits) {
      test(`${name} ${method} ${code}`, { skip }, () => refused(tooFast(make(key, method), PoolKey), code, status));
    }
    test(`${name} ${method} STS`, { skip }, () => journey(make(temporary, method)));
    test(`${name} ${method} wrong secret`, { skip }, () => refused(
      make({ ...fixed, accessKeySecret: 'wrong' }, method).bind(binding()), 'SignatureDoesNotMatch', 400));
    test(`${name} ${method} unknown key`, { skip }, () => refused(
      make({ ...fixed, accessKeyId: 'nobody' }, method).bind(binding()), 'InvalidAccessKeyId.NotFound', 404));
  }
}
