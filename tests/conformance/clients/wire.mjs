// What both Node.js clients share: the plan of calls on standard input, results on standard output, messages from
// FileDescriptorSets at run time. The form of plan and results: README.md of tests/conformance.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// The packages stand in tools/node, where Node.js would not look for them from here.
export const load = createRequire(new URL("../../../tools/node/package.json", import.meta.url));

const { createFileRegistry, createRegistry, fromBinary, fromJson, toBinary, toJson } = load("@bufbuild/protobuf");
const { FileDescriptorSetSchema } = load("@bufbuild/protobuf/wkt");

// A message longer than this is told by its length alone.
const JSON_BYTES_MAX = 4096;

export async function readPlan() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const plan = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  const sets = plan.descriptors.map((path) => createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(path))));
  return { ...plan, registry: createRegistry(...sets.flatMap((set) => [...set])) };
}

export function methodOf(registry, path) {
  const [, service, name] = path.split("/");
  const method = registry.getService(service)?.methods.find((candidate) => candidate.name === name);
  if (method === undefined) throw new Error(`no descriptor for ${path}`);
  return method;
}

export function encode(registry, desc, json) {
  return toBinary(desc, fromJson(desc, json, { registry }));
}

export function describe(registry, desc, bytes) {
  const result = { bytes: bytes.length };
  if (bytes.length <= JSON_BYTES_MAX) result.json = toJson(desc, fromBinary(desc, bytes), { registry });
  return result;
}

// Details of a google.rpc.Status, each decoded by its own type.
export function describeDetail(registry, typeName, bytes) {
  const desc = registry.getMessage(typeName);
  return { type: typeName, value: desc === undefined ? null : toJson(desc, fromBinary(desc, bytes), { registry }) };
}

export function statusDetails(registry, bytes) {
  const status = fromBinary(registry.getMessage("google.rpc.Status"), bytes);
  return status.details.map((any) => describeDetail(registry, any.typeUrl.replace(/^.*\//, ""), any.value));
}

export function identityFiles(plan, name) {
  const files = plan.identities[name] ?? {};
  const read = (path) => (path ? readFileSync(path) : undefined);
  return { ca: read(plan.ca), cert: read(files.cert), key: read(files.key) };
}

// Runs the calls one after the other, or all at once where the plan says so, and prints one JSON line for each.
export async function runPlan(plan, perform) {
  const one = async (call) => {
    const started = performance.now();
    const result = await perform(call);
    process.stdout.write(JSON.stringify({ name: call.name, ...result, elapsed_ms: performance.now() - started }) + "\n");
  };
  if (plan.concurrent) {
    await Promise.all(plan.calls.map(one));
  } else {
    for (const call of plan.calls) await one(call);
  }
}
