// Holds the lists of tests/vectors/trust/formats.json to npm @owf/eudi-lote (ETSI TS 119 602), and their signatures and
// certificates to Node's OpenSSL:
//   cd tests/interop/trust && npm install && node peer.mjs
import { X509Certificate, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { validateLoTE } from "@owf/eudi-lote";

const vectors = JSON.parse(readFileSync(new URL("../../vectors/trust/formats.json", import.meta.url)));
const der = (base64) => new X509Certificate(Buffer.from(base64, "base64"));
const part = (text) => JSON.parse(Buffer.from(text, "base64url"));

const check = (name, holds) => {
  console.log(`${holds ? "ok" : "WRONG"}  ${name}`);
  if (!holds) process.exitCode = 1;
};

for (const [name, { list, anchor }] of Object.entries({ list: vectors, "list after a change of root": vectors.rotated })) {
  const [header, payload, signature] = list.split(".");
  const { errors } = validateLoTE(part(payload));
  check(`${name}: shape ${errors.join("; ")}`, errors.length === 0);
  const chain = part(header).x5c.map(der);
  const key = { key: chain[0].publicKey, dsaEncoding: "ieee-p1363" };
  const signed = verify("sha256", Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, "base64url"));
  check(`${name}: signature`, signed);
  check(`${name}: registrar under the root`, chain[0].verify(der(anchor.certificate).publicKey));
}
const link = der(part(vectors.rotated.list.split(".")[0]).x5c[1]);
check("new root under the old one", link.verify(der(vectors.anchor.certificate).publicKey));
check("the link has the new root's key", link.publicKey.equals(der(vectors.rotated.anchor.certificate).publicKey));
