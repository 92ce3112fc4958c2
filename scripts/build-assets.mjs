// Copies the third-party files that the pages need out of node_modules into
// internal/web/static/vendor, where the Go binary embeds them, and draws one
// SVG sprite of the icons named in scripts/icons.txt.
//
// The list below is the whole list: internal/web/static/static.go names the
// same files and says which are missing, so change both together.
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const modules = join(root, "node_modules");
const vendor = join(root, "internal/web/static/vendor");

const scripts = ["latin", "latin-ext", "cyrillic", "cyrillic-ext", "greek", "vietnamese"];
const files = [
  ["htmx.org/dist/htmx.min.js", "htmx.min.js"],
  ["trix/dist/trix.esm.min.js", "trix.esm.min.js"],
  ["trix/dist/trix.css", "trix.css"],
  ...scripts.map((s) => [`@fontsource-variable/inter/files/inter-${s}-wght-normal.woff2`, `inter-${s}.woff2`]),
];

const licenses = ["htmx.org", "trix", "@fontsource-variable/inter", "@tabler/icons"];

async function clean() {
  await mkdir(vendor, { recursive: true });
  for (const name of await readdir(vendor)) {
    if (name !== ".gitkeep") await rm(join(vendor, name), { recursive: true });
  }
}

async function copy() {
  for (const [from, to] of files) await copyFile(join(modules, from), join(vendor, to));
}

// iconNames reads "name", "name/filled" and "as:name/filled" lines.
async function iconNames() {
  const text = await readFile(join(root, "scripts/icons.txt"), "utf8");
  const lines = text.split("\n").map((l) => l.trim()).filter((l) => l && !l.startsWith("#"));
  return lines.map((line) => {
    const [as, source = as] = line.split(":");
    const [name, kind = "outline"] = source.split("/");
    return { as, name, kind };
  });
}

// symbol keeps the drawing and drops the outer element: stroke and fill come
// from the class "icon" in our style sheet, so one drawing fits every colour.
function symbol({ as, kind }, svg) {
  const body = svg
    .slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"))
    .replace(/<path[^>]*d="M0 0h24v24H0z"[^>]*\/>/g, "")
    .replace(/\s*\n\s*/g, "")
    .trim();
  const paint = kind === "filled" ? ' fill="currentColor" stroke="none"' : "";
  return `<symbol id="${as}" viewBox="0 0 24 24"${paint}>${body}</symbol>`;
}

async function sprite() {
  const names = await iconNames();
  const missing = [];
  const symbols = await Promise.all(
    names.map(async (icon) => {
      try {
        return symbol(icon, await readFile(join(modules, "@tabler/icons/icons", icon.kind, `${icon.name}.svg`), "utf8"));
      } catch {
        missing.push(`${icon.kind}/${icon.name}`);
        return "";
      }
    }),
  );
  if (missing.length) throw new Error(`scripts/icons.txt names icons that @tabler/icons does not have: ${missing.join(", ")}`);
  await writeFile(join(vendor, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`);
  return names.length;
}

// notices gathers the licence texts, which the licences ask to go along.
async function notices() {
  const parts = [];
  for (const name of licenses) {
    const meta = JSON.parse(await readFile(join(modules, name, "package.json"), "utf8"));
    const file = (await readdir(join(modules, name))).find((f) => /^licen[cs]e/i.test(f));
    const text = file ? await readFile(join(modules, name, file), "utf8") : `Licence: ${meta.license}`;
    parts.push(`${meta.name} ${meta.version}\n${"=".repeat(60)}\n${text.trim()}\n`);
  }
  await writeFile(join(vendor, "LICENSES.txt"), parts.join("\n\n"));
}

await clean();
await copy();
const count = await sprite();
await notices();
console.log(`vendor: ${files.length} files, ${count} icons`);
