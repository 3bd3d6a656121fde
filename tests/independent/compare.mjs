// node compare.mjs MODULES FOLDER: what our reader says of the GGUF files (FOLDER/*.json) against @huggingface/gguf.
// Exit 77: the package is not there, nothing was compared.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, folder] = process.argv.slice(2);
const entry = join(modules, "@huggingface", "gguf", "dist", "index.mjs");
if (!existsSync(entry)) {
  console.log(`skipped: @huggingface/gguf is not in ${modules} (npm install in tests/, or ROOFLINE_NODE_MODULES)`);
  process.exit(77);
}
const { gguf, GGMLQuantizationType } = await import(pathToFileURL(entry).href);

let wrong = 0;
let tensors = 0;
const demand = (same, text) => {
  if (!same) {
    console.log(text);
    ++wrong;
  }
};
const up = (n, step) => Math.ceil(n / step) * step;

const files = readdirSync(folder).filter((name) => name.endsWith(".gguf.json"));
for (const name of files) {
  const ours = JSON.parse(readFileSync(join(folder, name), "utf8"));
  const theirs = await gguf(ours.file, { allowLocalFile: true });
  demand(theirs.metadata.version === ours.version, `${name}: version ${theirs.metadata.version}, ours ${ours.version}`);
  demand(theirs.littleEndian === undefined || theirs.littleEndian === !ours.big_endian, `${name}: byte order`);
  if (theirs.tensorDataOffset !== undefined) {
    const data = up(ours.header_bytes, ours.alignment);
    demand(Number(theirs.tensorDataOffset) === data, `${name}: data begins at ${theirs.tensorDataOffset}, ours ${data}`);
  }
  for (const [key, value] of Object.entries(theirs.metadata)) {
    if (["version", "tensor_count", "kv_count"].includes(key)) continue;
    const own = ours.metadata[key];
    if (Array.isArray(value)) demand(own?.count === value.length, `${name}: ${key} has ${value.length} values, ours ${own?.count}`);
    else if (typeof value === "string") demand(typeof own === "string" && own.slice(0, 60) === value.replace(/[\x00-\x1f]/g, " ").slice(0, 60), `${name}: ${key} is '${value.slice(0, 60)}'`);
    else if (typeof value === "boolean") demand(own === value, `${name}: ${key} is ${value}, ours ${own}`);
    else demand(Math.abs(Number(own) - Number(value)) <= 1e-6, `${name}: ${key} is ${value}, ours ${own}`);
  }
  demand(Object.keys(ours.metadata).every((key) => key in theirs.metadata), `${name}: we have keys they have not`);
  demand(theirs.tensorInfos.length === ours.tensors.length, `${name}: ${theirs.tensorInfos.length} tensors, ours ${ours.tensors.length}`);
  theirs.tensorInfos.forEach((theirTensor, i) => {
    const own = ours.tensors[i];
    ++tensors;
    demand(own.name === theirTensor.name, `${name}: tensor ${i} is ${theirTensor.name}, ours ${own.name}`);
    demand(own.number === theirTensor.dtype, `${name}: ${own.name} has type ${theirTensor.dtype}, ours ${own.number}`);
    // Their name of a type number is our format's id: Q4_K, q4_k; the bare blocks of NVFP4 are nvfp4-gguf here.
    const theirName = GGMLQuantizationType[theirTensor.dtype];
    if (theirName !== undefined) demand(own.type.replace("-gguf", "") === theirName.toLowerCase(), `${name}: type ${theirTensor.dtype} is ${theirName}, ours ${own.type}`);
    demand(own.offset === Number(theirTensor.offset), `${name}: ${own.name} begins at ${theirTensor.offset}, ours ${own.offset}`);
    demand(JSON.stringify(own.shape) === JSON.stringify(theirTensor.shape.map(Number)), `${name}: ${own.name} has shape ${theirTensor.shape}, ours ${own.shape}`);
    // The next tensor begins where this one, padded, ends: its bytes by somebody else's account.
    const next = theirs.tensorInfos[i + 1];
    if (next !== undefined) demand(up(own.offset + own.bytes, ours.alignment) === Number(next.offset), `${name}: ${own.name} takes ${own.bytes} bytes, but ${next.name} begins at ${next.offset}`);
  });
}
console.log(`${files.length} files, ${tensors} tensors, ${wrong} differences`);
process.exit(files.length > 0 && wrong === 0 ? 0 : 1);
