// npm @openid4vc/openid4vp 0.4.6 as Kist's peer, on what core/exchange/tests/interop.rs wrote to kist.json.
//
//   node peer.mjs check  ../../vectors/openid4vp/kist.json
//     the peer's wallet reads Kist's links and requests; the peer's verifier opens and checks Kist's answer
//   node peer.mjs answer ../../vectors/openid4vp/kist.json > ../../vectors/openid4vp/peer-npm.json
//     the peer's wallet answers Kist's plain request; Kist's tests open it

import { createHash, webcrypto } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Openid4vpClient, Openid4vpVerifier } from '@openid4vc/openid4vp';
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc';
import { DcqlQuery, DcqlPresentationResult } from 'dcql';
import { CompactEncrypt, compactDecrypt, compactVerify, importJWK, importX509 } from 'jose';

const ES256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const base64url = (bytes) => Buffer.from(bytes).toString('base64url');
const sha256 = (data) => new Uint8Array(createHash('sha256').update(data).digest());

function expect(condition, what) {
  if (!condition) throw new Error(`not as expected: ${what}`);
}

function certificateKey([leaf]) {
  return importX509(`-----BEGIN CERTIFICATE-----\n${leaf}\n-----END CERTIFICATE-----`, 'ES256', { extractable: true });
}

/** The callbacks that the peer asks of its host: keys, hashes, and an HTTP client that serves the one request. */
function callbacks({ served, decryptionKey }) {
  return {
    hash: (data) => sha256(data),
    getX509CertificateMetadata: () => ({ sanDnsNames: [], sanUriNames: [] }),
    fetch: async () => new Response(served, { headers: { 'content-type': 'application/oauth-authz-req+jwt' } }),
    verifyJwt: async (signer, jwt) => {
      const key = await certificateKey(signer.x5c);
      await compactVerify(jwt.compact, key);
      return { verified: true, signerJwk: await webcrypto.subtle.exportKey('jwk', key) };
    },
    encryptJwe: async ({ publicJwk, alg, enc }, data) => {
      const header = { alg, enc, kid: publicJwk.kid };
      const jwe = await new CompactEncrypt(Buffer.from(data)).setProtectedHeader(header).encrypt(await importJWK(publicJwk, alg));
      return { jwe, encryptionJwk: publicJwk };
    },
    decryptJwe: async (jwe) => {
      const { plaintext } = await compactDecrypt(jwe, await importJWK(decryptionKey, 'ECDH-ES'));
      return { decrypted: true, decryptionJwk: decryptionKey, payload: Buffer.from(plaintext).toString() };
    },
  };
}

async function resolve({ link, request }) {
  const client = new Openid4vpClient({ callbacks: callbacks({ served: request }) });
  const parsed = client.parseOpenid4vpAuthorizationRequest({ authorizationRequest: link });
  const resolved = await client.resolveOpenId4vpAuthorizationRequest({ authorizationRequestPayload: parsed.params });
  expect(resolved.client.prefix === 'x509_hash', 'client identifier prefix');
  DcqlQuery.validate(DcqlQuery.parse(resolved.dcql.query));
  return { client, resolved };
}

async function verifySdJwt(compact) {
  const instance = new SDJwtVcInstance({
    hasher: (data) => sha256(typeof data === 'string' ? data : new Uint8Array(data)),
    hashAlg: 'sha-256',
  });
  const { jwt, kbJwt } = await instance.decode(compact);
  const holder = await webcrypto.subtle.importKey('jwk', jwt.payload.cnf.jwk, ES256, true, ['verify']);
  const issuer = jwt.header.x5c ? await certificateKey(jwt.header.x5c) : holder;
  const check = (key) => (input, signature) =>
    webcrypto.subtle.verify(ES256, key, Buffer.from(signature, 'base64url'), Buffer.from(input));
  instance.config({ verifier: check(issuer), kbVerifier: check(holder) });
  const { payload } = await instance.verify(compact, { keyBindingNonce: kbJwt.payload.nonce, currentDate: kbJwt.payload.iat });
  return { claims: payload, binding: kbJwt.payload };
}

async function check(vector) {
  await resolve(vector.plain);
  const { resolved } = await resolve(vector.agreement);
  const request = resolved.authorizationRequestPayload;
  const host = callbacks({ decryptionKey: vector.agreement.encryption_key });
  const verifier = new Openid4vpVerifier({ callbacks: host });
  const parsed = await verifier.parseOpenid4vpAuthorizationResponse({
    callbacks: host,
    authorizationRequestPayload: request,
    authorizationResponse: Object.fromEntries(new URLSearchParams(vector.agreement.answer)),
  });
  const presented = {};
  const bindings = {};
  for (const [id, compacts] of Object.entries(parsed.dcql.presentations)) {
    const verified = await Promise.all(compacts.map(verifySdJwt));
    for (const { binding } of verified) {
      expect(binding.nonce === parsed.expectedNonce, 'nonce');
      expect(binding.aud === request.client_id, 'audience');
    }
    bindings[id] = verified.map(({ binding }) => binding);
    presented[id] = verified.map(({ claims }) => ({
      credential_format: 'dc+sd-jwt', vct: claims.vct, claims, cryptographic_holder_binding: true,
    }));
  }
  const result = DcqlPresentationResult.fromDcqlPresentation(presented, { dcqlQuery: DcqlQuery.parse(parsed.dcql.query) });
  expect(result.can_be_satisfied, 'the query is satisfied');
  const transactions = await verifier.verifyTransactionData({ transactionData: request.transaction_data, credentials: bindings });
  expect(transactions.length === 1 && transactions[0].credentialId === 'connection', 'the transaction is authorised');
  expect(Object.values(bindings).flat().every((b) => b.transaction_data_hashes.length === 1), 'every credential is bound');
  console.log('the peer reads both requests, opens the answer and verifies presentations, query and transaction data');
}

async function answer(vector) {
  const { client, resolved } = await resolve(vector.plain);
  const request = resolved.authorizationRequestPayload;
  const holder = await webcrypto.subtle.importKey('jwk', vector.plain.holder_key, ES256, true, ['sign']);
  const instance = new SDJwtVcInstance({
    hasher: (data) => sha256(typeof data === 'string' ? data : new Uint8Array(data)),
    hashAlg: 'sha-256',
    kbSigner: async (input) => base64url(await webcrypto.subtle.sign(ES256, holder, Buffer.from(input))),
    kbSignAlg: 'ES256',
  });
  const binding = { nonce: request.nonce, aud: request.client_id, iat: request.iat + 10 };
  const [query] = request.dcql_query.credentials;
  const chosen = Object.fromEntries(query.claims.map(({ path }) => [path[0], true]));
  const presentation = await instance.present(vector.plain.credential, chosen, { kb: { payload: binding } });
  const { jarm } = await client.createOpenid4vpAuthorizationResponse({
    authorizationRequestPayload: request,
    authorizationResponsePayload: { vp_token: { [query.id]: [presentation] } },
    jarm: {
      encryption: { nonce: 'wallet-nonce' },
      serverMetadata: { authorization_encryption_alg_values_supported: ['ECDH-ES'], authorization_encryption_enc_values_supported: ['A128GCM'] },
    },
  });
  console.log(JSON.stringify({ answer: new URLSearchParams({ response: jarm.responseJwt }).toString() }, null, 1));
}

const [command, path] = process.argv.slice(2);
await { check, answer }[command](JSON.parse(await readFile(path, 'utf8')));
