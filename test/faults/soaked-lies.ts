import { STAGE } from "../story/stage.ts";
import type { Kind } from "./builds-of.ts";
import { eventually, type Flow } from "./harness.ts";
import { lieAbout, lies } from "./lying-build.ts";
import { jobKinds } from "./tries.ts";

type Lies = readonly (keyof typeof lies)[];
const OF_ANY: Lies = ["unreadable", "void", "leased", "unleased", "applying", "refused", "failed", "anothers"];

/** By kind of build. One that applies is trusted in its environment, so it tells none. */
const told = {
  plan: [...OF_ANY, "planned"],
  configure: [...OF_ANY, "configured"],
  check: [...OF_ANY, "checked"],
} as const satisfies Partial<Record<Kind, Lies>>;
const liars = Object.keys(told) as (keyof typeof told)[];

/** AWS's shortest session of a role. */
const SESSION_SECONDS = 900;

/**
 * Once in so many milliseconds, or as soon as there is one, a build of one environment says something untrue of an open job of its kind, whatever request it is
 * of, under the role of its project and so with no right that a build has not.
 *
 * @param pick one of these, by the soak's seed
 * @param count what was told
 */
export async function lieAway(
  flow: Flow,
  { environment, everyMs, until }: Readonly<{ environment: string; everyMs: number; until: number }>,
  pick: <T>(from: readonly T[]) => T,
  count: (what: string) => void,
): Promise<void> {
  const { front, codebuild, outputs, asRoot } = flow.cloud;
  const { buildsTables, jobsBucket } = outputs() as Readonly<{
    buildsTables: Readonly<Record<"provisioner" | "compliance", string>>;
    jobsBucket: string;
  }>;
  for (let at = Date.now() + everyMs; at < until; at += everyMs) {
    await new Promise((next) => setTimeout(next, at - Date.now()));
    const { items, open } = await eventually(
      "a job to be open",
      async () => openJobs(await flow.itemsOf(environment), environment),
      (seen) => seen.open.length > 0 || Date.now() > until,
    );
    if (open.length === 0) return;

    const { kind, job } = pick(open);
    const { key, owner } = jobKinds[kind];
    const project = `sluice-${STAGE}-${kind}-${environment}`;
    const known = codebuild.builds().filter(({ id }) => id.startsWith(`${project}:`));
    const credentials = await front.roleSession(`arn:aws:iam::000000000000:role/${project}`, "liar", SESSION_SECONDS);
    const what = pick(told[kind]);
    await lieAbout(
      {
        table: buildsTables[owner],
        bucket: jobsBucket,
        environment,
        kind: key,
        job,
        build: pick([`${project}:${crypto.randomUUID()}`, ...known.slice(-1).map(({ id }) => id)]),
        own: pick(open.filter((each) => each.kind === kind)).job,
        epoch: epochOf(items, environment, job),
      },
      lies[what],
      { region: asRoot.region, endpoint: front.url, credentials },
    );
    count(`${what} (${kind})`);
  }
}

type Items = readonly Record<string, unknown>[];

/** The jobs that a build of their kind could still lie about to some effect. */
function openJobs(items: Items, environment: string) {
  const open = liars.flatMap((kind) =>
    items
      .filter(({ pk, void: why }) => String(pk).startsWith(`${environment}#job#${jobKinds[kind].key}#`) && !why)
      .map(({ pk }) => ({ kind, job: String(pk).split("#").at(-1) ?? "" })),
  );
  return { items, open };
}

/** What a plan must say that its workspace's epoch was, by its owner's record. */
function epochOf(items: Items, environment: string, job: string): number {
  const [, request, step, attempt] = job.split("_");
  const found = items.find(({ pk, sk }) => pk === `${environment}#req_${request}` && sk === "request");
  const jobs = (found?.jobs ?? {}) as Readonly<Record<string, { epoch?: number }>>;
  return jobs[`${step}#${attempt}`]?.epoch ?? 0;
}
