'use strict';
// What the tests of the npm clients share: where the emulator is, numbers, and what an application does with a binding.

const assert = require('node:assert/strict');

// What ../emulator.yaml has.
const pool = 'FC100001';
const city = '杭州';
const firstX = '17100000100';
const lastX = '17100000109';
const fixed = { accessKeyId: 'testid', accessKeySecret: 'testsecret' }; // the built-in pair
const temporary = { accessKeyId: 'sts', accessKeySecret: 'sts-secret', securityToken: 'sts-token' };

// The accounts of which one call a minute passes, with what the others are answered and the HTTP status of it.
const limits = [
  { key: { accessKeyId: 'flow', accessKeySecret: 'flow-secret' }, PoolKey: 'FC200001', code: 'isv.FLOW_LIMIT', status: 200 },
  { key: { accessKeyId: 'user', accessKeySecret: 'user-secret' }, PoolKey: 'FC200002', code: 'Throttling.User', status: 400 },
  { key: { accessKeyId: 'api', accessKeySecret: 'api-secret' }, PoolKey: 'FC200003', code: 'Throttling.Api', status: 400 },
  { key: { accessKeyId: 'limited', accessKeySecret: 'limited-secret' }, PoolKey: 'FC200004', code: 'FlowLimited', status: 400 },
];

const variable = 'AXBENCH_CLIENTS_URL';

// skip is why the tests cannot run, or false.
const skip = process.env[variable] ? false : `${variable} is not set: bash .ci/clients starts an emulator and sets it`;

// endpoint returns the emulator's host and port. Other addresses than loopback are refused: real bindings cost money.
function endpoint() {
  const text = process.env[variable];
  const match = /^http:\/\/(127\.0\.0\.1:\d+)$/.exec(text);
  assert.ok(match, `${variable}=${text}: want http://127.0.0.1:PORT`);
  return match[1];
}

// Test files run in processes of their own, so the process is in the number.
let phones = ((Math.floor(Date.now() / 1000) % 100) * 1000 + (process.pid % 1000)) * 1000;

// phone returns a mobile number that no other test of this run has.
function phone() {
  phones += 1;
  return `151${String(phones).padStart(8, '0')}`;
}

// expiration is an hour ahead, in the zone of the document.
function expiration() {
  return new Date(Date.now() + (8 + 1) * 3600 * 1000).toISOString().slice(0, 19).replace('T', ' ');
}

// binding is a request for any X of the city. The order id has every character that signatures go wrong with.
function binding(changes) {
  return {
    PoolKey: pool, PhoneNoA: phone(), PhoneNoB: phone(), ExpectCity: city, Expiration: expiration(),
    IsRecordingEnabled: false, OutId: 'your Out*Id~+/=&%\'()!订单', ...changes,
  };
}

// bound binds with a client and returns SubsId and SecretNo.
async function bound(client, request) {
  const answer = await client.bind(request);
  assert.equal(answer.Code, 'OK');
  assert.match(answer.RequestId, /^[0-9A-F-]{36}$/);
  const { SubsId, SecretNo } = answer.SecretBindDTO;
  assert.match(SubsId, /^\d{16}$/);
  assert.ok(SecretNo.length === firstX.length && SecretNo >= firstX && SecretNo <= lastX, `SecretNo ${SecretNo}: want one of ${city}`);
  return { SubsId, SecretNo };
}

// journey is what an application does with a binding, and what it is refused on the way. client has bind, query and unbind, which
// return what the client made of the answer, and business(promise, code), which wants a business code as this client shows it.
async function journey(client) {
  const request = binding();
  const { SubsId, SecretNo } = await bound(client, request);
  const query = { PoolKey: pool, SubsId, PhoneNoX: SecretNo };
  const unbind = { PoolKey: pool, SubsId, SecretNo };

  await client.business(client.bind(binding({ PhoneNoA: request.PhoneNoA, PhoneNoX: SecretNo })), 'isv.BIND_CONFLICT');
  await client.business(client.bind(binding({ PhoneNoA: 'abc' })), 'isv.MOBILE_NUMBER_ILLEGAL');

  const detail = await client.query(query);
  assert.equal(detail.Code, 'OK');
  const { Status, PhoneNoA, PhoneNoB, PhoneNoX, NeedRecord, ExpireDate } = detail.SecretBindDetailDTO;
  assert.deepEqual({ SubsId: detail.SecretBindDetailDTO.SubsId, Status, PhoneNoA, PhoneNoB, PhoneNoX, NeedRecord, ExpireDate }, {
    SubsId, Status: 1, PhoneNoA: request.PhoneNoA, PhoneNoB: request.PhoneNoB, PhoneNoX: SecretNo, NeedRecord: false,
    ExpireDate: request.Expiration,
  });

  assert.equal((await client.unbind(unbind)).Code, 'OK');
  await client.business(client.unbind(unbind), 'isv.ILLEGAL_ARGUMENT');
  await client.business(client.query(query), 'isv.ILLEGAL_ARGUMENT');
}

// tooFast binds until a call does not pass, which the second does not at the latest, and returns what became of that one.
async function tooFast(client, PoolKey) {
  const first = await client.bind(binding({ PoolKey }));
  return first.Code === 'OK' ? client.bind(binding({ PoolKey })) : first;
}

module.exports = { pool, fixed, temporary, limits, skip, endpoint, binding, bound, journey, tooFast };
