import { join } from "node:path";
import { type Synth, type SynthResource, synthesize } from "../../local/synth/synth.ts";
import { STAGE } from "../../test/story/stage.ts";

export const root = join(import.meta.dirname, "../..");

/** One statement of a policy, with its parts as lists. */
export interface Statement {
  effect: string;
  actions: string[];
  resources: string[];
  principal: unknown;
  condition: Record<string, Record<string, string | string[]>>;
}

export interface Role {
  name: string;
  trust: Statement[];
  statements: Statement[];
  managedPolicies: string[];
}

/** The stacks as they would be deployed, with what tests ask of them. */
export class Synthesized {
  readonly synth: Synth;

  private constructor(synth: Synth) {
    this.synth = synth;
  }

  static async make(): Promise<Synthesized> {
    return new Synthesized(await synthesize({ root, stage: STAGE, out: join(root, ".sluice/wiring/synth.json") }));
  }

  all(type: string): SynthResource[] {
    return this.synth.resources.filter((resource) => resource.type === type);
  }

  roles(): Role[] {
    return this.all("aws:iam/role:Role").map(({ inputs }) => ({
      name: String(inputs.name),
      trust: statementsOf(inputs.assumeRolePolicy),
      statements: ((inputs.inlinePolicies ?? []) as { policy: string }[]).flatMap(({ policy }) => statementsOf(policy)),
      managedPolicies: (inputs.managedPolicyArns ?? []) as string[],
    }));
  }

  /** A role by the end of its name, such as `approvals-queue`. */
  role(suffix: string): Role {
    const found = this.roles().find(({ name }) => name === `sluice-local-${suffix}`);
    if (!found) throw new Error(`No role sluice-local-${suffix}`);
    return found;
  }

  rules(): { name: string; arn: string; bus: string; pattern: Pattern | undefined }[] {
    return this.all("aws:cloudwatch/eventRule:EventRule").map(({ inputs, computed }) => ({
      name: String(inputs.name),
      arn: String(computed.arn),
      bus: String(inputs.eventBusName ?? "default"),
      pattern: typeof inputs.eventPattern === "string" ? JSON.parse(inputs.eventPattern) : undefined,
    }));
  }

  /** What builds run in and on, for each of their projects. */
  projects(): { name: string; image: string; buildspec: string }[] {
    return this.all("aws:codebuild/project:Project").map(({ name, inputs }) => {
      const { environment, source } = inputs as { environment: { image: string }; source: { buildspec: string } };
      return { name, image: environment.image, buildspec: source.buildspec };
    });
  }

  /** The code release that is put beside the projects: the object, and the file that it is made of. */
  release(): { resource: SynthResource; key: string; versionId: string; file: string } {
    const [resource] = this.all("aws:s3/bucketObjectv2:BucketObjectv2").filter(({ name }) => /^Release-/.test(name));
    if (!resource) throw new Error("No code release");
    const { key, source } = resource.inputs as { key: string; source: { $asset: string } };
    return { resource, key, versionId: String(resource.computed.versionId), file: join(root, source.$asset) };
  }

  /** ARNs of what a function's variable may name, by the value that names it: a name, a URL or the ARN itself. */
  reachable(): ReadonlyMap<string, string> {
    const types = {
      "aws:s3/bucket:Bucket": "bucket",
      "aws:dynamodb/table:Table": "name",
      "aws:cloudwatch/eventBus:EventBus": "name",
      "aws:sqs/queue:Queue": "url",
      "aws:kms/key:Key": "arn",
      "aws:secretsmanager/secret:Secret": "arn",
    };
    return new Map(
      Object.entries(types).flatMap(([type, names]) =>
        this.all(type).map(({ inputs, computed }) => [String(computed[names] ?? inputs[names]), String(computed.arn)]),
      ),
    );
  }

  /** Rules that send to this queue, directly or as the place for what could not be delivered. */
  rulesInto(queueArn: string): string[] {
    const targets = this.all("aws:cloudwatch/eventTarget:EventTarget").filter(({ inputs }) => {
      const dead = inputs.deadLetterConfig as { arn: string } | undefined;
      return inputs.arn === queueArn || dead?.arn === queueArn;
    });
    return targets.map(({ inputs }) => this.rules().find(({ name }) => name === inputs.rule)?.arn ?? "unknown").sort();
  }
}

export interface Pattern {
  source: (string | { prefix: string })[];
  "detail-type": string[];
  "replay-name"?: unknown;
}

export function statementsOf(policy: unknown): Statement[] {
  const { Statement } = JSON.parse(String(policy)) as { Statement: Record<string, unknown>[] };
  return Statement.map((each) => ({
    effect: String(each.Effect),
    actions: list(each.Action),
    resources: list(each.Resource),
    principal: each.Principal,
    condition: (each.Condition ?? {}) as Statement["condition"],
  }));
}

export function list(value: unknown): string[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}
