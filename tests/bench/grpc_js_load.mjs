// A closed loop on @grpc/grpc-js, to hold ndx-loadgen against: the same messages to the same echo service, by somebody else's client.
//
//   node grpc_js_load.mjs ADDRESS PATH BYTES CONCURRENCY CONNECTIONS SECONDS
//
// Plaintext. Prints {"requests": …, "requests_per_second": …, "mean_us": …, "p50_us": …, "p99_us": …}; fails on a wrong answer. All
// requests count as requests; the other figures are of those after a warm-up of one second more, in which the code is compiled.
import { createRequire } from "node:module";

const grpc = createRequire(new URL("../../tools/node/package.json", import.meta.url))("@grpc/grpc-js");
const [address, path] = process.argv.slice(2, 4);
const [bytes, concurrency, connections, seconds] = process.argv.slice(4).map(Number);

const clients = Array.from({ length: connections }, (_, number) => new grpc.Client(address, grpc.credentials.createInsecure(),
  { "grpc.use_local_subchannel_pool": 1, "grpc.enable_retries": 0, "ndx.number": number }));
const raw = (message) => message;
const WARM_UP_MS = 1000;
const latencies = [];
let number = 0n;

// EchoRequest: field 1 a fixed64, field 2 bytes of a length below 16384 that takes two bytes to say.
function request() {
  const message = Buffer.alloc(bytes, 0x78);
  message[0] = 0x09;
  message.writeBigUInt64LE(number++, 1);
  const body = bytes - 12;
  message.set([0x12, (body & 0x7f) | 0x80, body >> 7], 9);
  return message;
}

function call(client) {
  const message = request();
  return new Promise((resolve, reject) => client.makeUnaryRequest(path, raw, raw, message, (error, answer) => {
    if (error) reject(error);
    else if (!message.equals(answer)) reject(new Error("the answer is not what was sent"));
    else resolve();
  }));
}

async function caller(client, measured, end) {
  for (let begin = performance.now(); begin < end; begin = performance.now()) {
    await call(client);
    if (begin >= measured) latencies.push((performance.now() - begin) * 1000);
  }
}

const measured = performance.now() + WARM_UP_MS;
const end = measured + seconds * 1000;
await Promise.all(Array.from({ length: concurrency }, (_, place) => caller(clients[place % connections], measured, end)));
latencies.sort((a, b) => a - b);
const quantile = (share) => latencies[Math.max(0, Math.ceil(share * latencies.length) - 1)];
console.log(JSON.stringify({ requests: Number(number), requests_per_second: latencies.length / seconds,
  mean_us: latencies.reduce((sum, value) => sum + value, 0) / latencies.length, p50_us: quantile(0.5), p99_us: quantile(0.99) }));
for (const client of clients) client.close();
