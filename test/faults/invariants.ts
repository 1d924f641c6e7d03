import type { Service } from "@sluice/events";
import { expect } from "vitest";
import { wholeText } from "../story/message-text.ts";
import { eventually, type Flow, hurried } from "./harness.ts";

const DEAD_LETTERS = [
  "intake",
  "provisioner",
  "approvals",
  "notifier",
  "compliance",
  "provisioner-reports",
  "compliance-reports",
] as const;

/** What each end says in the one live message. */
const WORDS: Record<string, RegExp> = {
  completed: /is ready in/,
  rejected: /[Rr]ejected/,
  expired: /obody decided/,
  withdrawn: /[Ww]ithdrawn/,
  failed: /[Ff]ailed/,
  paused: /[Ss]topped|(Configure|Check) failed/,
};

/**
 * The invariants of every run: at most one `terraform apply` per grant, nothing applied that was not approved, each request ends or says what it waits for,
 * one live message that shows the truth, both services agree, and nothing was parked.
 */
export async function holdInvariants(
  flow: Flow,
  request: string,
  environment: string,
  expected: { parked?: number } = {},
): Promise<void> {
  const builds = flow.cloud.codebuild.builds();
  const jobOf = (uuid: string) =>
    builds.find(({ id }) => id.endsWith(uuid))?.variables.find(({ name }) => name === "JOB_ID")?.value ?? "";
  const applies = flow
    .runs()
    .filter(
      ({ command, build }) => command === "apply" && jobOf(build).startsWith(`${request.replace("req_", "job_")}_`),
    );
  const spent = (await flow.spentGrants()).filter((grant) => grant.request === request);

  expect(applies.length, "terraform apply ran more than once for a grant").toBeLessThanOrEqual(spent.length);
  for (const { build } of applies)
    expect(
      spent.some((grant) => grant.build.endsWith(build)),
      "something was applied by a build that spent no grant",
    ).toBe(true);

  const [last] = flow.events
    .of(request)
    .filter(({ type }) => /^request\.\w+\.v1$/.test(type))
    .slice(-1);
  const end = last?.type.split(".")[1] ?? "nothing";
  expect(Object.keys(WORDS), "the request neither ended nor says what it waits for").toContain(end);

  const messages = async () =>
    flow.cloud.slack
      .messages(environment)
      .map(({ blocks }) => wholeText(blocks))
      .filter((text) => text.includes(request));
  await hurried(flow.cloud, () =>
    eventually(`one live message that says ${end}`, messages, (texts) => texts.some((text) => WORDS[end]?.test(text))),
  );

  const own = (service: Service, pk: string) =>
    flow.items(service, pk).then((items) => items.find(({ sk }) => sk === "request"));
  if (end !== "paused")
    await eventually(
      "the provisioner's view to agree that the request has ended",
      () => own("provisioner", `${environment}#${request}`),
      (item) => JSON.stringify(item ?? {}).includes('"closed"'),
    );

  const parked = (await Promise.all(DEAD_LETTERS.map((name) => flow.parked(name)))).flat();
  expect(parked.length, JSON.stringify(parked).slice(0, 1_500)).toBe(expected.parked ?? 0);
}
