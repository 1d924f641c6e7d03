import { execFileSync } from "node:child_process";
import { buildSync } from "esbuild";
import { expect, it } from "vitest";

it("keeps undici out of a function that only calls AWS", () => {
  const module = JSON.stringify(new URL("../src/http-without-websockets.ts", import.meta.url).href);
  const loads = (before: string) =>
    execFileSync(process.execPath, [
      "--input-type=module",
      "--eval",
      `${before}; await import("node:http"); console.log(process.moduleLoadList.some((name) => name.includes("undici/undici")));`,
    ])
      .toString()
      .trim();

  expect(loads("")).toBe("true");
  expect(loads(`await import(${module})`)).toBe("false");
});

it("stays in the bundle of whoever imports it, though it exports nothing", () => {
  const { outputFiles } = buildSync({
    stdin: { contents: `import "@sluice/http-without-websockets";`, resolveDir: import.meta.dirname },
    bundle: true,
    platform: "node",
    format: "esm",
    write: false,
  });

  expect(outputFiles[0]?.text).toContain("CloseEvent");
});
