import { z } from "zod";

const Phase = z.strictObject({ commands: z.array(z.string()) });
const Buildspec = z.strictObject({
  version: z.union([z.literal(0.2), z.literal("0.2")]),
  phases: z.strictObject({
    install: Phase.optional(),
    pre_build: Phase.optional(),
    build: Phase.optional(),
    post_build: Phase.optional(),
  }),
});

/** The phases of a buildspec, in order, as BatchGetBuilds names them. */
export type PhaseName = "INSTALL" | "PRE_BUILD" | "BUILD" | "POST_BUILD";

/** What a line of a build's log says about its phases, or nothing. */
export type PhaseLine = { phase: PhaseName; says: "entered" } | { phase: PhaseName; says: "SUCCEEDED" | "FAILED" };

export function readPhaseLine(line: string): PhaseLine | undefined {
  const entered = line.match(/^\[Container\] Entering phase (INSTALL|PRE_BUILD|BUILD|POST_BUILD)$/);
  if (entered?.[1]) return { phase: entered[1] as PhaseName, says: "entered" };
  const ended = line.match(/^\[Container\] Phase complete: (\w+) State: (SUCCEEDED|FAILED)$/);
  return ended?.[1] ? { phase: ended[1] as PhaseName, says: ended[2] as "SUCCEEDED" | "FAILED" } : undefined;
}

/**
 * A buildspec (JSON text, version 0.2) as one `sh` script that behaves as CodeBuild does: all commands share one shell; a
 * failing command ends its phase, and so does, as a failure, one that ends the shell well before others (CodeBuild goes on
 * with those, but no shell can); `post_build` runs after `build` whatever became of that, also when a command ended the
 * shell; a failed `install` or `pre_build` ends the build.
 *
 * @throws when the text is no JSON or uses what is not emulated (artifacts, reports, `finally`, `env`).
 */
export function scriptOf(buildspec: string): string {
  const { phases } = Buildspec.parse(JSON.parse(buildspec));
  return [
    "cb_ok=1; cb_in=; cb_left=; export CODEBUILD_BUILD_SUCCEEDING=1",
    'cb_enter() { cb_in=$1; echo "[Container] Entering phase $1"; }',
    `cb_leave() { cb_state=SUCCEEDED; [ $cb_ok = 1 ] || { cb_state=FAILED; CODEBUILD_BUILD_SUCCEEDING=0; }
  echo "[Container] Phase complete: $cb_in State: $cb_state"; cb_in=; }`,
    `cb_post_build() { cb_build=$cb_ok; cb_ok=1\n${phase("POST_BUILD", phases.post_build)}
  [ $cb_build = 1 ] || cb_ok=0; }`,
    // A command that ends the shell ends its phase only; what it exits with is what it answers.
    `trap 'cb_code=$?; trap - EXIT
  if [ -n "$cb_in" ]; then
    [ $cb_code = 0 ] || cb_ok=0
    [ $cb_code$cb_left != 0more ] || { cb_ok=0; echo "${ENDED_WELL}"; }
    cb_was=$cb_in; cb_leave; [ $cb_was != BUILD ] || cb_post_build; fi
  [ $cb_ok = 1 ] && exit 0; exit 1' EXIT`,
    `echo "${FIRST_LINE}"`,
    phase("INSTALL", phases.install),
    `[ $cb_ok = 1 ] || exit 1\n${phase("PRE_BUILD", phases.pre_build)}`,
    `[ $cb_ok = 1 ] || exit 1\n${phase("BUILD", phases.build)}`,
    "cb_post_build",
    "[ $cb_ok = 1 ]",
  ].join("\n");
}

const ENDED_WELL =
  "[Container] exit 0 ends a command, not the build: CodeBuild would go on with the next one. Fail, or make them one command.";

/** What a build prints before its first command. */
export const FIRST_LINE = "[Container] Waiting for agent ping";

function phase(name: PhaseName, commands: z.infer<typeof Phase> | undefined): string {
  if (!commands) return ":";
  return [`cb_enter ${name}`, ...commands.commands.map(command), "cb_leave"].join("\n");
}

function command(text: string, index: number, all: readonly string[]): string {
  const quoted = quote(text);
  const left = index < all.length - 1 ? "more" : "";
  const say = `printf '[Container] Running command %s\\n' ${quote(text.replace(/\s*\n\s*/g, " "))}`;
  return `if [ $cb_ok = 1 ]; then cb_left=${left}; ${say}; eval ${quoted}\n[ $? = 0 ] || cb_ok=0; fi`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
