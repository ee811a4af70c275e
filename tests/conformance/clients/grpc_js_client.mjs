// Client of the conformance tests on @grpc/grpc-js. Plan on standard input, results on standard output (see README.md).
import { describe, encode, identityFiles, load, methodOf, readPlan, runPlan, statusDetails } from "./wire.mjs";

const grpc = load("@grpc/grpc-js");
const plan = await readPlan();
const clients = new Map();

function clientOf(call) {
  const key = `${call.identity}/${call.gzip}`;
  if (!clients.has(key)) {
    const { ca, cert, key: privateKey } = identityFiles(plan, call.identity);
    const credentials = plan.plaintext ? grpc.credentials.createInsecure() : grpc.credentials.createSsl(ca, privateKey, cert);
    clients.set(key, new grpc.Client(plan.address, credentials, {
      "grpc.max_receive_message_length": -1,
      "grpc.max_send_message_length": -1,
      "grpc.enable_retries": 0,
      ...(call.gzip ? { "grpc.default_compression_algorithm": grpc.compressionAlgorithms.gzip } : {}),
    }));
  }
  return clients.get(key);
}

function metadataOf(pairs) {
  const metadata = new grpc.Metadata();
  for (const [key, value] of pairs ?? []) metadata.add(key, key.endsWith("-bin") ? Buffer.from(value, "base64") : value);
  return metadata;
}

function pairsOf(metadata) {
  return Object.keys(metadata?.getMap() ?? {}).flatMap((key) => metadata.get(key)
    .map((value) => [key, Buffer.isBuffer(value) ? value.toString("base64") : value]));
}

function perform(call) {
  const method = methodOf(plan.registry, call.method);
  const options = call.timeout_ms ? { deadline: Date.now() + call.timeout_ms } : {};
  const request = encode(plan.registry, method.input, call.request ?? {});
  const raw = (bytes) => Buffer.from(bytes);
  return new Promise((resolve) => {
    const result = { initial: [], responses: [] };
    const finish = (status) => {
      const details = status.metadata?.get("grpc-status-details-bin")?.[0];
      resolve({ ...result, code: status.code, message: status.details, trailing: pairsOf(status.metadata),
        details: details === undefined ? [] : statusDetails(plan.registry, details) });
    };
    const take = (bytes) => {
      result.responses.push(describe(plan.registry, method.output, bytes));
      if (result.responses.length === call.cancel_after_messages) stream.cancel();
    };
    const stream = call.server_stream
      ? clientOf(call).makeServerStreamRequest(call.method, raw, raw, request, metadataOf(call.metadata), options)
      : clientOf(call).makeUnaryRequest(call.method, raw, raw, request, metadataOf(call.metadata), options,
        (error, bytes) => bytes && take(bytes));
    stream.on("metadata", (metadata) => { result.initial = pairsOf(metadata); });
    if (call.server_stream) stream.on("data", take).on("error", () => {});
    stream.on("status", finish);
    if (call.cancel_after_ms) setTimeout(() => stream.cancel(), call.cancel_after_ms);
  });
}

await runPlan(plan, perform);
for (const client of clients.values()) client.close();
