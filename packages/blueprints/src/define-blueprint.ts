import {
  type ItineraryStep,
  type OwnStepKind,
  type Parameters,
  StepName,
  stepKinds,
  WorkspaceName,
} from "@sluice/events";
import type * as z from "zod";
import { playbooks, profiles, roots } from "./known.ts";
import { policies, ruleOf } from "./policies.ts";

/** The sum of the outputs that a slip can carry, in bytes, so that every event stays small (docs/design.md, Slip and size). */
export const MAX_OUTPUTS_BYTES = 12 * 1024;

/** What the installation says about an environment and a blueprint may fix in a request. */
export type EnvironmentFacts = Readonly<{ images: Readonly<Record<string, string>> }>;

export type BlueprintDefinition<P extends z.ZodObject> = Readonly<{
  id: string;
  version: number;
  title: string;
  /** One line under the title, in the form. */
  purpose: string;
  environments: readonly [string, ...string[]];
  parameters: P;
  /** Two requests with the same workspace in the same environment go one after the other. */
  workspace: (parameters: z.infer<P>) => string;
  /** What it is about, for people, without the title: the machine's name. */
  subject: (parameters: z.infer<P>) => string;
  /** Parameters that the installation fixes when a request is accepted; nobody can send them. */
  fixed?: (environment: EnvironmentFacts) => Parameters;
  steps: readonly ItineraryStep[];
}>;

/** A blueprint when only its common parts matter. */
// biome-ignore lint/suspicious/noExplicitAny: its functions take their own parameters, which are parsed by its own schema first.
export type Blueprint = BlueprintDefinition<any>;

/**
 * A process as data. Refuses at definition time what could only fail later: an apply without its plan and gate before it, an unknown root, playbook,
 * profile or policy, a step whose owner may not be asked by the one before it, outputs that could outgrow an event.
 *
 * @throws Error that names the blueprint, the step and what is wrong.
 */
export function defineBlueprint<P extends z.ZodObject>(blueprint: BlueprintDefinition<P>): BlueprintDefinition<P> {
  const wrong = [...stepErrors(blueprint.steps)];
  if (blueprint.steps.length === 0) wrong.push("it has no steps");
  if (new Set(blueprint.steps.map((step) => step.name)).size !== blueprint.steps.length)
    wrong.push("two steps have the same name");
  if (wrong.length > 0) throw new Error(`Blueprint ${blueprint.id}: ${wrong.join("; ")}`);
  return blueprint;
}

function* stepErrors(steps: readonly ItineraryStep[]): Generator<string> {
  let bytes = 0;
  for (const [index, step] of steps.entries()) {
    const before = steps.slice(0, index);
    if (!Object.hasOwn(stepKinds, step.kind)) {
      yield `step ${step.name} is of kind ${step.kind}, which nobody owns`;
      continue;
    }
    const contract = stepKinds[step.kind as OwnStepKind];
    bytes += contract.maxOutputBytes;
    const config = contract.config.safeParse(step.config);
    if (!config.success) yield `the configuration of step ${step.name} is not one of kind ${step.kind}`;
    yield* referenceErrors(step, before);

    const previous = before.at(-1);
    if (previous && Object.hasOwn(stepKinds, previous.kind)) {
      const asker = stepKinds[previous.kind as OwnStepKind].owner;
      if (!(contract.askedBy as readonly string[]).includes(asker))
        yield `step ${step.name} (${step.kind}) may not come after ${previous.name}: ${asker} may not ask for it`;
    }
  }
  if (bytes > MAX_OUTPUTS_BYTES) yield `its steps may put out ${bytes} bytes, more than ${MAX_OUTPUTS_BYTES}`;
}

function* referenceErrors({ name, kind, config }: ItineraryStep, before: readonly ItineraryStep[]): Generator<string> {
  const isBefore = (step: unknown, ofKind: OwnStepKind) =>
    before.some((each) => each.name === step && each.kind === ofKind);
  const isKnown = (value: unknown, known: readonly string[]) => typeof value === "string" && known.includes(value);

  if (kind === "plan" && !isKnown(config.root, roots))
    yield `step ${name} names the unknown root ${String(config.root)}`;
  if (kind === "approval") {
    if (!isBefore(config.of, "plan")) yield `step ${name} approves ${String(config.of)}, which is no plan before it`;
    if (!isKnown(config.policy, Object.keys(policies)))
      yield `step ${name} names the unknown policy ${String(config.policy)}`;
  }
  if (kind === "apply") {
    if (!isBefore(config.plan, "plan")) yield `step ${name} applies ${String(config.plan)}, which is no plan before it`;
    const gate = before.find((each) => each.name === config.approval && each.kind === "approval");
    if (gate?.config.of !== config.plan)
      yield `step ${name} has no gate before it that is about ${String(config.plan)}`;
  }
  if (kind === "configuration") {
    if (!isKnown(config.playbook, playbooks))
      yield `step ${name} names the unknown playbook ${String(config.playbook)}`;
    if (config.hosts !== "build" && !isBefore(config.hosts, "apply"))
      yield `step ${name} configures the hosts of ${String(config.hosts)}, which is no apply before it`;
  }
  if (kind === "scan") {
    if (!isKnown(config.profile, profiles)) yield `step ${name} names the unknown profile ${String(config.profile)}`;
    if (!isBefore(config.of, "apply")) yield `step ${name} checks ${String(config.of)}, which is no apply before it`;
  }
}

/** A step of a kind, with its configuration parsed. */
function stepBuilder<K extends OwnStepKind>(kind: K) {
  return (name: string, config: z.input<(typeof stepKinds)[K]["config"]>): ItineraryStep => ({
    name: StepName.parse(name),
    kind,
    config: stepKinds[kind].config.parse(config) as ItineraryStep["config"], // What is optional and not given is absent.
  });
}

export const plan = stepBuilder("plan");
export const approval = stepBuilder("approval");
export const apply = stepBuilder("apply");
export const configuration = stepBuilder("configuration");
export const scan = stepBuilder("scan");

/** Whether people have to approve what a blueprint plans in an environment: some gate of it is not passed in the name of a rule there. */
export function isApprovedByPeople({ steps }: Pick<Blueprint, "steps">, environment: string): boolean {
  return steps.some(
    ({ kind, config }) => kind === "approval" && ruleOf(String(config.policy), environment) !== "automatic",
  );
}

/** @throws when a blueprint makes a name that is none; its parameters' schema should not have let that through. */
export function workspaceOf(blueprint: Blueprint, parameters: unknown): WorkspaceName {
  return WorkspaceName.parse(blueprint.workspace(parameters));
}
