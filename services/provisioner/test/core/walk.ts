import { BuildId, type Itinerary, type PlanOutput } from "@sluice/events";
import { digestOf } from "@sluice/steps";
import { acceptRequest } from "../../src/core/accept-request.ts";
import { applyStep } from "../../src/core/apply-step.ts";
import { configurationStep } from "../../src/core/configuration-step.ts";
import { planStep } from "../../src/core/plan-step.ts";
import { settleHeard } from "../../src/core/settle.ts";
import {
  applyOutput,
  buildOf,
  grantFor,
  itineraryOf,
  planOutput,
  slipAfter,
  stepRequest,
  type World,
} from "../factories.ts";

export const jtiOf = (itinerary: Itinerary, attempt = 1) => digestOf([itinerary.request, "approve", attempt]);

export async function accepted(world: World, itinerary = itineraryOf()): Promise<Itinerary> {
  await acceptRequest(world.ports, { itinerary, digest: digestOf(itinerary) as never });
  return itinerary;
}

export function lastBuild(world: World) {
  const started = world.builds.started.at(-1);
  if (!started) throw new Error("no build was started");
  return { ...started, ...buildOf(world, started.job, started.build) };
}

/** The request's plan is made, and its gate is asked for. */
export async function planned(world: World, itinerary: Itinerary, attempt = 1, epoch = 0): Promise<PlanOutput> {
  await planStep(world.ports, stepRequest(slipAfter(itinerary), "plan", attempt));
  const build = lastBuild(world);
  const output = planOutput(epoch, build.build);
  await build.lease();
  await build.report({ outcome: "completed", output, seconds: 3 });
  world.builds.end(build.build);
  await settleHeard(world.ports, build.job);
  return output;
}

/** The `apply.requested` that approvals sends once the gate has passed. */
export async function applyRequest(world: World, itinerary: Itinerary, output: PlanOutput, attempt = 1) {
  const grant = await grantFor(itinerary, output, { attempt, now: world.clock.now });
  const slip = slipAfter(itinerary, [
    ["plan", attempt, output],
    ["approve", attempt, { grant, decidedBy: ["person_carol"] }],
  ]);
  return stepRequest(slip, "apply", attempt);
}

/** The plan is approved and its build is about to begin. */
export async function applyAsked(world: World, itinerary: Itinerary, output: PlanOutput, attempt = 1) {
  await applyStep(world.ports, await applyRequest(world, itinerary, output, attempt));
  return lastBuild(world);
}

/** The plan is applied, and the step after it is asked for. */
export async function applied(world: World, itinerary: Itinerary, output: PlanOutput, attempt = 1): Promise<void> {
  const build = await applyAsked(world, itinerary, output, attempt);
  await build.lease();
  await build.start(jtiOf(itinerary, attempt), output.epoch);
  await build.report({ outcome: "completed", output: applyOutput(output.epoch + 1), seconds: 5 });
  world.builds.end(build.build);
  await settleHeard(world.ports, build.job);
}

/** The `configuration.requested` that follows an apply. */
export function configurationRequest(itinerary: Itinerary, output = applyOutput(), attempt = 1) {
  return stepRequest(slipAfter(itinerary, [["apply", 1, output]]), "configure", attempt);
}

/** What was applied is about to be configured by a build. */
export async function configurationAsked(world: World, itinerary: Itinerary, attempt = 1) {
  await configurationStep(world.ports, configurationRequest(itinerary, applyOutput(), attempt));
  return lastBuild(world);
}

export const typesOf = (world: World): string[] => world.published.map(({ type }) => type);
export const unknownBuild = BuildId.parse(`sluice-test:${"f".repeat(36)}`);
