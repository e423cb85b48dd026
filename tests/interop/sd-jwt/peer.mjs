// npm @sd-jwt/sd-jwt-vc 0.19.0 as Kist's peer.
//
//   node peer.mjs issue  > ../../vectors/sd-jwt/peer-npm.json   the peer issues and presents; Kist's tests verify it
//   node peer.mjs verify ../../vectors/sd-jwt/kist.json         the peer verifies what Kist issued and presented

import { readFile } from 'node:fs/promises';
import { createHash, randomBytes, webcrypto } from 'node:crypto';
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc';

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const base64url = (bytes) => Buffer.from(bytes).toString('base64url');
const sha256 = (data) => new Uint8Array(createHash('sha256').update(data).digest());
const hasher = (data) => sha256(typeof data === 'string' ? data : new Uint8Array(data));

function signer(key) {
  return async (input) => base64url(await webcrypto.subtle.sign(ECDSA, key, Buffer.from(input)));
}

async function verifier(jwk) {
  const key = await webcrypto.subtle.importKey('jwk', { kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y }, ECDSA, true, ['verify']);
  return (input, signature) =>
    webcrypto.subtle.verify(ECDSA, key, Buffer.from(signature, 'base64url'), Buffer.from(input));
}

async function keyPair() {
  const { publicKey, privateKey } = await webcrypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);
  const { kty, crv, x, y } = await webcrypto.subtle.exportKey('jwk', publicKey);
  return { jwk: { kty, crv, x, y }, privateKey };
}

async function issue() {
  const [issuer, holder] = [await keyPair(), await keyPair()];
  const instance = new SDJwtVcInstance({
    signer: signer(issuer.privateKey),
    signAlg: 'ES256',
    verifier: await verifier(issuer.jwk),
    kbSigner: signer(holder.privateKey),
    kbSignAlg: 'ES256',
    kbVerifier: await verifier(holder.jwk),
    hasher,
    hashAlg: 'sha-256',
    saltGenerator: (length) => base64url(randomBytes(length)),
  });
  const claims = {
    given_name: 'Ada',
    birthdate: '1815-12-10',
    over_18: true,
    address: { locality: 'London', country: 'GB' },
    nationalities: ['GB', 'IT', 'FR'],
  };
  const issuance = await instance.issue(
    { iss: 'https://issuer.example', vct: 'urn:example:person:1', iat: 1795392000, exp: 1895392000, cnf: { jwk: holder.jwk }, ...claims },
    {
      _sd: ['given_name', 'birthdate', 'over_18', 'address'],
      _sd_decoy: 3,
      address: { _sd: ['locality', 'country'] },
      nationalities: { _sd: [0, 1, 2], _sd_decoy: 1 },
    },
  );
  const binding = { nonce: 'nonce-of-the-request', aud: 'x509_hash:verifier', iat: 1795435200 };
  const transactionData = base64url('{"type":"example","credential_ids":["person"]}');
  const presentation = await instance.present(
    issuance,
    { over_18: true, address: { locality: true }, nationalities: { 1: true } },
    { kb: { payload: { ...binding, transaction_data_hashes: [base64url(sha256(transactionData))], transaction_data_hashes_alg: 'sha-256' } } },
  );
  const verified = await instance.verify(presentation, { keyBindingNonce: binding.nonce, currentDate: binding.iat });
  console.log(JSON.stringify({
    issuer_jwk: issuer.jwk, claims, issuance, presentation, transaction_data: [transactionData], key_binding: binding, verified: verified.payload,
  }, null, 1));
}

async function verify(path) {
  const vector = JSON.parse(await readFile(path, 'utf8'));
  const instance = new SDJwtVcInstance({
    verifier: await verifier(vector.issuer_jwk),
    kbVerifier: async (input, signature, payload) => (await verifier(payload.cnf.jwk))(input, signature),
    hasher,
    hashAlg: 'sha-256',
  });
  const now = { currentDate: vector.key_binding.iat };
  const issued = await instance.verify(vector.issuance, now);
  const shown = await instance.verify(vector.presentation, { ...now, keyBindingNonce: vector.key_binding.nonce });
  const sorted = (value) => JSON.stringify(value, (_, v) => (v && typeof v === 'object' && !Array.isArray(v) ? Object.fromEntries(Object.entries(v).sort()) : v));
  for (const [name, value] of Object.entries(vector.claims)) {
    if (sorted(issued.payload[name]) !== sorted(value)) throw new Error(`issuance: ${name} differs`);
  }
  if (sorted(shown.payload) !== sorted(vector.verified)) throw new Error('presentation: claims differ');
  if (shown.kb.payload.aud !== vector.key_binding.aud) throw new Error('presentation: audience differs');
  console.log('the peer verifies issuance and presentation');
}

const [command, path] = process.argv.slice(2);
await (command === 'issue' ? issue() : verify(path));
