// Builds the libraries that pages load: one file each, with their licences and hashes beside them.
//
// node build.mjs NODE_MODULES OUT [--check]
//
// NODE_MODULES holds what package-lock.json pins. With --check, OUT is compared and left as it is; the exit code is 1
// and stderr names each difference if it is not what would be built.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const OWN = fileURLToPath(new URL(".", import.meta.url));
const [modules, out] = process.argv.slice(2, 4).map((path) => resolve(path));
const { build } = createRequire(join(modules, "any.js"))("esbuild");

const jsonOf = async (name) => JSON.parse(await readFile(join(modules, name, "package.json"), "utf8"));

/** Bundles one entry; returns its text and the packages whose code is in it. */
async function bundled(name) {
  const result = await build({
    entryPoints: [join(OWN, "entries", `${name}.js`)],
    bundle: true,
    format: "esm",
    legalComments: "none",
    metafile: true,
    minify: true,
    nodePaths: [modules],
    target: "es2020",
    write: false,
  });
  const [output] = Object.values(result.metafile.outputs);
  const used = Object.entries(output.inputs).filter(([, input]) => input.bytesInOutput > 0);
  const packages = used.map(([path]) => path.match(/node_modules\/([^/]+)\//)?.[1]).filter(Boolean);
  return { text: result.outputFiles[0].text, packages: [...new Set(packages)] };
}

/** All files of the vendor folder by name. */
async function files() {
  const built = new Map();
  const packages = new Set();
  for (const entry of (await readdir(join(OWN, "entries"))).sort()) {
    const name = entry.replace(/\.js$/, "");
    const bundle = await bundled(name);
    built.set(`${name}-${(await jsonOf(name)).version}.js`, bundle.text);
    bundle.packages.forEach((used) => packages.add(used));
  }
  const { version } = await jsonOf("uplot");
  built.set(`uplot-${version}.css`, `${await readFile(join(modules, "uplot", "dist", "uPlot.min.css"), "utf8")}`.trim() + "\n");
  built.set("LICENCES", await licences([...packages].sort()));
  const sums = [...built].sort().map(([name, text]) => `${createHash("sha256").update(text).digest("hex")}  ${name}\n`);
  return built.set("SHA256SUMS", sums.join(""));
}

async function licences(packages) {
  const parts = ["The libraries in this folder are the work of others. Each part keeps its licence:\n"];
  for (const name of packages) {
    const { version, license } = await jsonOf(name);
    const file = (await readdir(join(modules, name))).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
    if (file === undefined) throw new Error(`${name} has no file with its licence`);
    const text = (await readFile(join(modules, name, file), "utf8")).replace(/\r\n/g, "\n").trim();
    parts.push(`${"=".repeat(80)}\n${name} ${version} (${license})\n\n${text}\n`);
  }
  return parts.join("\n");
}

/** What differs between the folder and what would be built, in words. */
async function differences(built) {
  const there = new Set(await readdir(out).catch(() => []));
  const found = [];
  for (const [name, text] of built) {
    if (!there.delete(name)) found.push(`${name} is missing`);
    else if ((await readFile(join(out, name), "utf8")) !== text) found.push(`${name} is not what would be built`);
  }
  return [...found, ...[...there].map((name) => `${name} is built by nothing`)];
}

const built = await files();
if (process.argv[4] === "--check") {
  const found = await differences(built);
  found.forEach((difference) => console.error(`${out}: ${difference}; ./dev vendor builds it`));
  process.exitCode = found.length > 0 ? 1 : 0;
} else {
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  for (const [name, text] of built) await writeFile(join(out, name), text);
}
