// Client of the conformance tests on @connectrpc/connect-node with its gRPC transport. Plan on standard input, results on
// standard output (see README.md).
import { describe, describeDetail, identityFiles, load, methodOf, readPlan, runPlan } from "./wire.mjs";

const { ConnectError } = load("@connectrpc/connect");
const { compressionGzip, createGrpcTransport } = load("@connectrpc/connect-node");
const { fromJson, toBinary } = load("@bufbuild/protobuf");
const plan = await readPlan();
const transports = new Map();

function transportOf(call) {
  const key = `${call.identity}/${call.gzip}`;
  if (!transports.has(key)) {
    transports.set(key, createGrpcTransport({
      baseUrl: `${plan.plaintext ? "http" : "https"}://${plan.address}`,
      nodeOptions: plan.plaintext ? {} : identityFiles(plan, call.identity),
      readMaxBytes: 0xffffffff,
      writeMaxBytes: 0xffffffff,
      ...(call.gzip ? { sendCompression: compressionGzip, compressMinBytes: 1 } : {}),
    }));
  }
  return transports.get(key);
}

function headersOf(pairs) {
  const headers = new Headers();
  for (const [key, value] of pairs ?? []) headers.append(key, value);
  return headers;
}

// Trailers-only answers and errors come as one set of headers; binary values are base64 without padding on the wire.
function pairsOf(headers) {
  return [...headers.entries()].map(([key, value]) =>
    [key, key.endsWith("-bin") ? Buffer.from(value, "base64").toString("base64") : value]);
}

async function perform(call) {
  const method = methodOf(plan.registry, call.method);
  const cancel = new AbortController();
  const timer = call.cancel_after_ms ? setTimeout(() => cancel.abort(), call.cancel_after_ms) : undefined;
  const request = fromJson(method.input, call.request ?? {}, { registry: plan.registry });
  const result = { code: 0, message: "", details: [], initial: [], trailing: [], responses: [] };
  const take = (message) => {
    result.responses.push(describe(plan.registry, method.output, toBinary(method.output, message)));
    if (result.responses.length === call.cancel_after_messages) cancel.abort();
  };
  try {
    if (call.server_stream) {
      const once = (async function* () { yield request; })();
      const answer = await transportOf(call).stream(method, cancel.signal, call.timeout_ms, headersOf(call.metadata), once);
      result.initial = pairsOf(answer.header);
      for await (const message of answer.message) take(message);
      result.trailing = pairsOf(answer.trailer);
    } else {
      const answer = await transportOf(call).unary(method, cancel.signal, call.timeout_ms, headersOf(call.metadata), request);
      result.initial = pairsOf(answer.header);
      take(answer.message);
      result.trailing = pairsOf(answer.trailer);
    }
  } catch (caught) {
    const error = ConnectError.from(caught);
    result.code = error.code;
    result.message = error.rawMessage;
    result.trailing = pairsOf(error.metadata);
    result.details = error.details.map((detail) => describeDetail(plan.registry, detail.type, detail.value));
  }
  clearTimeout(timer);
  return result;
}

await runPlan(plan, perform);
process.exit(0);  // its HTTP/2 sessions stay open for a while
