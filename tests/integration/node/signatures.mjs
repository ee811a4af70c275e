// What a consumer in JavaScript signs and verifies (adapters/sdk/node), for run_signed_exchanges: one order as JSON on standard
// input, the result as JSON on standard output. Bytes are base64.
import {readFileSync} from "node:fs";
import * as signing from "../../../adapters/sdk/node/ndx_signature.mjs";

const order = JSON.parse(readFileSync(0, "utf8"));
const bytes = (text) => Buffer.from(text, "base64");
const key = order.vkey ? signing.nodeKey(order.vkey) : readFileSync(order.key);
const exchange = {exchangeId: order.exchangeId, method: order.method, streamed: order.streamed};

function carryOut() {
  switch (order.do) {
    case "sign-request":
      return {signature: signing.signRequest({...exchange, message: bytes(order.messages[0])}, key, order.now).toString("base64")};
    case "verify-delivery":
      return signing.verifyDelivery({...exchange, messages: order.messages.map(bytes)}, bytes(order.signature), key);
    case "officer-token":
      return {token: signing.signOfficerToken(order.claims, key)};
    default:
      throw new Error(`nothing is called ${order.do}`);
  }
}

try {
  console.log(JSON.stringify(carryOut()));
} catch (error) {
  if (!(error instanceof signing.SignatureError)) throw error;
  console.log(JSON.stringify({refused: error.message}));
}
