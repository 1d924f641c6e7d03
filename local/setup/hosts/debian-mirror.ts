import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const EVERYBODYS = "http://deb.debian.org/debian";

interface Source {
  readonly uri: string;
  readonly suites: readonly string[];
}

/** The Debian mirror that this machine's apt uses, or everybody's. */
export async function debianMirror(suite: string, directory = "/etc/apt"): Promise<string> {
  const parts = await readdir(join(directory, "sources.list.d")).catch(() => []);
  const files = ["sources.list", ...parts.sort().map((name) => `sources.list.d/${name}`)];
  const texts = await Promise.all(
    files.map(async (name) => ({ name, text: await readFile(join(directory, name), "utf8").catch(() => "") })),
  );
  const sources = texts.flatMap(({ name, text }) => (name.endsWith(".sources") ? stanzas(text) : lines(text)));
  const mirrors = sources.filter(({ uri }) => /^https?:\/\/.+\/debian\/?$/.test(uri));
  const best = mirrors.find(({ suites }) => suites.includes(suite)) ?? mirrors[0];
  return best?.uri.replace(/\/$/, "") ?? EVERYBODYS;
}

/** `deb [options] URI suite component…` */
function lines(text: string): Source[] {
  return [...text.matchAll(/^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)/gm)].map(([, uri = "", suite = ""]) => ({
    uri,
    suites: [suite],
  }));
}

/** Paragraphs of `Field: value`, deb822. */
function stanzas(text: string): Source[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const field = (name: string) =>
      stanza
        .match(new RegExp(`^${name}:\\s*(.+)$`, "mi"))?.[1]
        ?.trim()
        .split(/\s+/) ?? [];
    if (!field("Types").includes("deb") || field("Enabled")[0] === "no") return [];
    return field("URIs").map((uri) => ({ uri, suites: field("Suites") }));
  });
}
