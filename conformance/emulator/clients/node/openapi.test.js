'use strict';
// @alicloud/openapi-client's generic call: V3, and V1 where the algorithm is "v2". A business code is no error to it.

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { default: OpenApi, Config, OpenApiRequest, Params } = require('@alicloud/openapi-client');
const { RuntimeOptions } = require('@alicloud/tea-util');
const { default: Xml } = require('@alicloud/tea-xml');
const { pool, fixed, temporary, limits, skip, endpoint, binding, bound, journey, tooFast } = require('./clients');

// openapi makes a client. place is where the parameters of an operation go: query, formData or json.
function openapi(key, { algorithm, method = 'POST', place = 'query', xml = false }) {
  const client = new OpenApi(new Config({ ...key, endpoint: endpoint(), protocol: 'http', signatureAlgorithm: algorithm }));
  const call = (action) => async (params) => {
    const answer = await client.callApi(
      new Params({
        action, version: '2017-05-25', style: 'RPC', authType: 'AK', protocol: 'HTTPS', pathname: '/', method,
        reqBodyType: place === 'query' ? 'formData' : place, bodyType: xml ? 'string' : 'json',
      }),
      new OpenApiRequest({ [place === 'query' ? 'query' : 'body']: params, headers: xml ? { accept: 'application/xml' } : {} }),
      new RuntimeOptions({}));
    assert.equal(answer.statusCode, 200);
    return xml ? Xml.parseXml(answer.body, null)[`${action}Response`] : answer.body;
  };
  return {
    bind: call('BindAxb'),
    query: call('QuerySubscriptionDetail'),
    unbind: call('UnbindSubscription'),
    business: async (promise, code) => assert.equal((await promise).Code, code),
  };
}

// refused wants the error that the client makes of a gateway error.
function refused(promise, code, status) {
  return assert.rejects(promise, (err) => {
    assert.equal(err.code, code);
    assert.equal(err.data.statusCode, status);
    assert.match(err.data.RequestId, /^[0-9A-F-]{36}$/);
    return true;
  });
}

const ways = [
  ['V3 query', {}],
  ['V3 GET', { method: 'GET' }],
  ['V3 form', { place: 'formData' }],
  ['V3 JSON', { place: 'json' }],
  ['V1 query', { algorithm: 'v2' }],
  ['V1 GET', { algorithm: 'v2', method: 'GET' }],
  ['V1 form', { algorithm: 'v2', place: 'formData' }],
];

for (const [name, way] of ways) {
  test(`openapi-client ${name}`, { skip }, () => journey(openapi(fixed, way)));
  test(`openapi-client ${name} STS`, { skip }, () => journey(openapi(temporary, way)));
  test(`openapi-client ${name} wrong secret`, { skip }, () => refused(
    openapi({ ...fixed, accessKeySecret: 'wrong' }, way).bind(binding()), 'SignatureDoesNotMatch', 400));
}

for (const { key, PoolKey, code, status } of limits) {
  test(`openapi-client ${code}`, { skip }, () => {
    const client = openapi(key, {});
    const answer = tooFast(client, PoolKey);
    return status === 200 ? client.business(answer, code) : refused(answer, code, status);
  });
}

// An answer in XML is for the client's helper to read. An error it reads itself, but only if the Content-Type is
// text/xml;charset=utf-8 to the letter.
test('openapi-client XML', { skip }, async () => {
  const client = openapi(fixed, { xml: true });
  const made = await bound(client, binding());
  assert.equal((await client.unbind({ PoolKey: pool, ...made })).Code, 'OK');
  await refused(openapi({ ...fixed, accessKeyId: 'nobody' }, { xml: true }).bind(binding()), 'InvalidAccessKeyId.NotFound', 404);
});
