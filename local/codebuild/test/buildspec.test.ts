import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { scriptOf } from "../buildspec.ts";

type Phases = Partial<Record<"install" | "pre_build" | "build" | "post_build", string[]>>;

/** What the commands print, and the exit code. */
function run(phases: Phases): { printed: string[]; code: number | null } {
  const named = Object.entries(phases).map(([name, commands]) => [name, { commands }]);
  const script = scriptOf(JSON.stringify({ version: 0.2, phases: Object.fromEntries(named) }));
  const { stdout, status } = spawnSync("/bin/sh", ["-c", script], { encoding: "utf8", env: {} });
  return { printed: stdout.split("\n").filter((line) => line && !line.startsWith("[Container]")), code: status };
}

describe("a buildspec", () => {
  it("runs all commands of all phases in one shell", () => {
    const { printed, code } = run({
      install: ["cd /tmp", "name='a b'"],
      build: ['echo "$name" "$PWD"', "say() { echo said; }\nsay"],
      post_build: ["say", "echo $CODEBUILD_BUILD_SUCCEEDING"],
    });

    expect({ printed, code }).toEqual({ printed: ["a b /tmp", "said", "said", "1"], code: 0 });
  });

  it.each([
    ["fails", "false"],
    ["is not found", "no-such-program-here"],
    ["ends the shell", "exit 3"],
  ])("ends the build phase, but not post_build, with a command that %s", (_case, command) => {
    const { printed, code } = run({
      build: ["echo one", command, "echo never"],
      post_build: ["echo after $CODEBUILD_BUILD_SUCCEEDING"],
    });

    expect({ printed, code }).toEqual({ printed: ["one", "after 0"], code: 1 });
  });

  it.each(["false", "exit 3"])("ends with an earlier phase's failure (%s)", (command) => {
    const { printed, code } = run({ pre_build: [command], build: ["echo never"], post_build: ["echo never"] });

    expect({ printed, code }).toEqual({ printed: [], code: 1 });
  });

  it("fails with a command that ends the shell well while others are left, which CodeBuild would run", () => {
    expect(run({ build: ["exit 0", "echo never"] }).code).toBe(1);
    expect(run({ build: ["echo one", "exit 0"], post_build: ["echo after"] })).toEqual({
      printed: ["one", "after"],
      code: 0,
    });
  });

  it("fails when only post_build fails", () => {
    expect(run({ build: ["true"], post_build: ["false", "echo never"] })).toEqual({ printed: [], code: 1 });
  });

  it("keeps quotes, dollars and newlines of a command as they are", () => {
    const { printed } = run({ build: ["it='x'; echo \"it's $it\"", "cat <<'END'\n$HOME `id`\nEND"] });

    expect(printed).toEqual(["it's x", "$HOME `id`"]);
  });

  it("is refused when it uses what is not emulated", () => {
    expect(() => scriptOf(JSON.stringify({ version: 0.2, phases: {}, artifacts: {} }))).toThrow("artifacts");
    expect(() => scriptOf("version: 0.2")).toThrow();
  });
});
