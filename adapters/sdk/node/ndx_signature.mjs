// Signed requests, answers and deliveries (ký số), and officers' tokens, for JavaScript and TypeScript (types: ndx_signature.d.mts).
// An ES module on node:crypto alone, Node 18 and later. The forms are those of src/crypto/exchange_signature.h and
// src/crypto/officer_token.h; what counts and what does not is decided as there.
//
//   const signature = signRequest({exchangeId, method, message}, key);      // metadata ndx-signature-bin, with ndx-exchange-id
//   verifyDelivery({exchangeId, method, messages: [answer]}, trailers.get("ndx-signature-bin")[0], nodeKey(vkey));
//
// Functions that verify throw a SignatureError that says why a signature does not count.
import {createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify} from "node:crypto";

export const SIGNATURE_LIFE_SECONDS = 300;
export const CLOCK_SKEW_SECONDS = 60;
export const OFFICER_TOKEN_LIFE_SECONDS_MAX = 12 * 3600;
const JWS_BYTES_MAX = 4096;

const LABELS = {request: "ndx-request-v1", answer: "ndx-answer-v1", delivery: "ndx-delivery-v1"};
const TYPES = {request: "ndx-request+jws", answer: "ndx-answer+jws", delivery: "ndx-delivery+jws"};

export class SignatureError extends Error {}

const nowSeconds = () => Math.floor(Date.now() / 1000);

function algorithmOf(key) {
  if (key.asymmetricKeyType === "ed25519") return "EdDSA";
  if (key.asymmetricKeyType === "ec" && key.asymmetricKeyDetails.namedCurve === "prime256v1") return "ES256";
  throw new TypeError("the key must be Ed25519, or ECDSA on P-256");
}

const privateKeyOf = (key) => (key.type === "private" ? key : createPrivateKey(key));
const publicKeyOf = (key) => (key.type === "public" ? key : createPublicKey(key));

// The `kid`: SHA-256 of the SubjectPublicKeyInfo, as the registry and receipts name the key.
export function keyId(key) {
  const spki = publicKeyOf(key).export({type: "spki", format: "der"});
  return createHash("sha256").update(spki).digest("hex");
}

// The public key of a node from its vkey, "NAME+KEYID+BASE64" (ndxctl journal key).
export function nodeKey(vkey) {
  const parts = vkey.trim().split("+");
  const bytes = Buffer.from(parts.slice(2).join("+"), "base64");
  if (parts.length < 3 || bytes.length !== 33 || bytes[0] !== 1) throw new TypeError("no Ed25519 vkey");
  const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), bytes.subarray(1)]);
  return createPublicKey({key: spki, type: "spki", format: "der"});
}

// A UUIDv7 (RFC 9562) of now.
export function newExchangeId() {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// One message as it is; a stream's messages each behind its length as u32 big-endian.
function bodyDigest(messages, streamed) {
  if (!streamed && messages.length !== 1) throw new SignatureError("one message is expected");
  const hash = createHash("sha256");
  for (const message of messages) {
    if (streamed) {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(message.length);
      hash.update(length);
    }
    hash.update(message);
  }
  return hash.digest("hex");
}

function signedText(kind, exchange, issued, expires) {
  const lines = [LABELS[kind], exchange.exchangeId, exchange.method, issued, expires,
    bodyDigest(exchange.messages, exchange.streamed ?? false)];
  return lines.join("\n") + "\n";
}

function signJws(header, payload, key, detached) {
  const privateKey = privateKeyOf(key);
  const alg = algorithmOf(privateKey);
  const head = Buffer.from(JSON.stringify({alg, kid: keyId(privateKey), ...header})).toString("base64url");
  const body = Buffer.from(payload).toString("base64url");
  const input = Buffer.from(`${head}.${body}`);
  const signature = sign(alg === "ES256" ? "sha256" : null, input, {key: privateKey, dsaEncoding: "ieee-p1363"});
  return `${head}.${detached ? "" : body}.${signature.toString("base64url")}`;
}

function signExchange(kind, exchange, key, now) {
  const times = {iat: now, exp: now + SIGNATURE_LIFE_SECONDS};
  return Buffer.from(signJws({typ: TYPES[kind], ...times}, signedText(kind, exchange, times.iat, times.exp), key, true), "ascii");
}

// The bytes of ndx-signature-bin of a request; ndx-exchange-id must be sent with it.
export function signRequest({exchangeId, method, message}, key, now = nowSeconds()) {
  return signExchange("request", {exchangeId, method, messages: [message]}, key, now);
}

// The bytes of ndx-signature-bin behind a provider's answer.
export function signAnswer(answer, key, now = nowSeconds()) {
  return signExchange("answer", answer, key, now);
}

// Canonical base64url without padding, or nothing.
function decode(part) {
  const bytes = Buffer.from(part, "base64url");
  return bytes.toString("base64url") === part ? bytes : undefined;
}

function readHeader(bytes) {
  let header;
  try {
    header = JSON.parse(bytes.toString("latin1"));
  } catch {
    throw new SignatureError("its header is no JSON object");
  }
  const members = ["alg", "kid", "typ", "iat", "exp"];
  const text = bytes.toString("latin1");
  // JSON.parse keeps the last of two equal members: as many names as members means that there are none.
  const names = text.match(/"[^"\\]*"\s*:/g) ?? [];
  if (header === null || typeof header !== "object" || Object.keys(header).length !== members.length ||
      names.length !== members.length || text.includes("\\") || !members.every((name) => Object.hasOwn(header, name)) ||
      !Number.isSafeInteger(header.iat) || !Number.isSafeInteger(header.exp)) {
    throw new SignatureError("its header lacks a member or has one that is not allowed");
  }
  return header;
}

function verifyExchange(kind, exchange, signature, key, now) {
  const text = Buffer.from(signature ?? "").toString("latin1");
  if (text.length > JWS_BYTES_MAX) throw new SignatureError("longer than allowed");
  const parts = text.split(".");
  if (parts.length !== 3 || parts[0] === "" || parts[1] !== "" || parts[2] === "") throw new SignatureError("not in the form of a detached JWS");
  const [head, value] = [decode(parts[0]), decode(parts[2])];
  if (head === undefined || value === undefined) throw new SignatureError("not canonical base64url without padding");
  const header = readHeader(head);
  const publicKey = publicKeyOf(key);
  if (header.typ !== TYPES[kind]) throw new SignatureError("made for something else");
  if (header.kid !== keyId(publicKey)) throw new SignatureError("made with another key");
  const alg = algorithmOf(publicKey);
  if (header.alg !== alg || value.length !== 64) throw new SignatureError("not of the key's algorithm");
  const life = header.exp - header.iat;
  if (life <= 0 || life > SIGNATURE_LIFE_SECONDS) throw new SignatureError("its life is not valid or too long");
  const input = Buffer.from(`${parts[0]}.${Buffer.from(signedText(kind, exchange, header.iat, header.exp)).toString("base64url")}`);
  const good = verify(alg === "ES256" ? "sha256" : null, input, {key: publicKey, dsaEncoding: "ieee-p1363"}, value);
  if (!good) throw new SignatureError("it does not match what was delivered, or the key");
  if (now + CLOCK_SKEW_SECONDS < header.iat) throw new SignatureError("made in the future");
  if (now - CLOCK_SKEW_SECONDS >= header.exp) throw new SignatureError("it has expired");
  return {keyId: header.kid, issued: header.iat, expires: header.exp};
}

// Throws unless the node signed just these messages, for this exchange, not long before now.
export function verifyDelivery(delivered, signature, key, now = nowSeconds()) {
  return verifyExchange("delivery", delivered, signature, key, now);
}

// An officer's own token (thẻ ký số của cán bộ), metadata ndx-officer-token, signed by the officer's member.
export function signOfficerToken({officer, member, node, lifeSeconds = 8 * 3600}, key, now = nowSeconds()) {
  if (lifeSeconds > OFFICER_TOKEN_LIFE_SECONDS_MAX) throw new RangeError("a token lives twelve hours at most");
  const claims = {sub: officer, iss: member, aud: node, iat: now, exp: now + lifeSeconds};
  return signJws({typ: "ndx-officer+jwt"}, JSON.stringify(claims), key, false);
}
