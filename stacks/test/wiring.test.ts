import { execFileSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { catalogue, services } from "@sluice/events";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { conditionKeysOf } from "../../local/codebuild/condition-keys.ts";
import { nodeOfBuilds } from "../../local/setup/node-of-builds.ts";
import type { FunctionBuild } from "../../local/synth/synth.ts";
import { Container } from "./container.ts";
import { itemActionsOf } from "./item-actions.ts";
import { isWrite, rightsOf, rightsPage } from "./rights.ts";
import { everyBuild, mayChange } from "./rights-of-builds.ts";
import { type Role, root, type Statement, Synthesized } from "./synthesized.ts";

let stacks: Synthesized;
beforeAll(async () => {
  stacks = await Synthesized.make();
});

/** Slack's functions and sweeps of one service, by the middle of their roles' names. */
const rolesOf = (service: string) => stacks.roles().filter(({ name }) => name.startsWith(`sluice-local-${service}-`));
const publishes = ({ statements }: Role) => statements.filter(({ actions }) => actions.includes("events:PutEvents"));
const sourcesOf = ({ condition }: Statement) => [condition["ForAllValues:StringEquals"]?.["events:source"]].flat();
const typesOf = ({ condition }: Statement) => [condition["ForAllValues:StringEquals"]?.["events:detail-type"]].flat();
const mayPublish = (role: Role, source: string, type: string) =>
  publishes(role).some((each) => sourcesOf(each).includes(source) && typesOf(each).includes(type));
const failing = <T>(all: readonly T[], isRight: (each: T) => boolean, name: (each: T) => string) =>
  all.filter((each) => !isRight(each)).map(name);

describe("events", () => {
  it("have a function that may publish them, for each of their sources", () => {
    const missing = [...catalogue.values()].flatMap(({ type, sources }) =>
      sources
        .filter((source) => !rolesOf(source.replace("sluice.", "")).some((role) => mayPublish(role, source, type)))
        .map((source) => `${type} from ${source}`),
    );

    expect(missing).toEqual([]);
  });

  it("have a rule that hears them, on our bus, for each of their sources", () => {
    const heard = stacks
      .rules()
      .filter(({ bus }) => bus === "sluice-local-events")
      .flatMap(({ pattern }) =>
        (pattern?.source ?? []).flatMap((source) => pattern?.["detail-type"].map((type) => `${type} from ${source}`)),
      );
    const missing = [...catalogue.values()].flatMap(({ type, sources }) =>
      sources.map((source) => `${type} from ${source}`).filter((each) => !heard.includes(each)),
    );

    expect(missing).toEqual([]);
  });

  it("can be published by no other service than the ones that their definition names", () => {
    const wrong = stacks.roles().flatMap((role) =>
      publishes(role).flatMap((statement) => {
        const sources = sourcesOf(statement);
        const own = services.find((service) => role.name.startsWith(`sluice-local-${service}-`));
        const bad = typesOf(statement).filter(
          (type) => !catalogue.get(String(type))?.sources.includes(`sluice.${own}` as never),
        );
        return sources.length === 1 && sources[0] === `sluice.${own}`
          ? bad.map((type) => `${role.name}: ${type}`)
          : [role.name];
      }),
    );

    expect(wrong).toEqual([]);
  });

  it("of a click come from the Slack door alone, and it publishes nothing else", () => {
    const clicks = [
      "decision.submitted.v1",
      "repetition.submitted.v1",
      "request.proposed.v1",
      "unlock.submitted.v1",
      "withdrawal.submitted.v1",
    ];

    expect(publishes(stacks.role("intake-slack")).flatMap(typesOf).sort()).toEqual(clicks);
    expect(clicks.filter((type) => mayPublish(stacks.role("intake-queue"), "sluice.intake", type))).toEqual([]);
  });

  it("are published by conditions on all sources and types of a call, of which there is one at least", () => {
    // A call brings up to ten entries, so the keys are lists, and without a set operator IAM does not say which value it compares. An empty list passes ForAllValues.
    const publishers = stacks.roles().flatMap((role) => publishes(role).map(({ condition }) => [role.name, condition]));

    expect(publishers.length).toBeGreaterThan(0);
    for (const [name, condition] of publishers)
      expect(condition, String(name)).toEqual({
        "ForAllValues:StringEquals": { "events:source": expect.anything(), "events:detail-type": expect.anything() },
        Null: { "events:source": "false", "events:detail-type": "false" },
      });
  });

  it("of AWS services are heard on the default bus, ours on our own, replays nowhere", () => {
    const wrong = stacks.rules().filter(({ bus, pattern }) => {
      if (!pattern) return bus !== "default"; // A schedule.
      const ofAws = pattern.source.includes("aws.codebuild");
      return ofAws
        ? bus !== "default"
        : bus !== "sluice-local-events" || JSON.stringify(pattern["replay-name"]) !== '[{"exists":false}]';
    });

    expect(wrong.map(({ name }) => name)).toEqual([]);
  });

  it("of the bus are denied to everybody who is not that service, and to partners for all but their proposal", () => {
    const [policy] = stacks.all("aws:cloudwatch/eventBusPolicy:EventBusPolicy");
    const { Statement } = JSON.parse(String(policy?.inputs.policy)) as {
      Statement: { Effect: string; Condition: object }[];
    };
    const denied = (source: string, roles: string) => ({
      Effect: "Deny",
      Condition: expect.objectContaining({
        // One entry of a call is enough to deny it whole: beside others it would slip past a plain operator.
        [source.endsWith("*") ? "ForAnyValue:StringLike" : "ForAnyValue:StringEquals"]: { "events:source": source },
        ArnNotLike: { "aws:PrincipalArn": expect.stringMatching(new RegExp(`:role/sluice-local-${roles}\\*$`)) },
      }),
    });

    const denials = [denied("sluice.*", ""), ...services.map((service) => denied(`sluice.${service}`, `${service}-`))];
    expect(Statement).toEqual(expect.arrayContaining(denials.map((each) => expect.objectContaining(each))));
    const allowed = Statement.filter(({ Effect }) => Effect === "Allow").map(({ Condition }) => Condition);
    expect(allowed.length).toBeGreaterThan(0);
    for (const condition of allowed)
      expect(condition).toEqual({
        "ForAllValues:StringEquals": {
          "events:source": expect.stringMatching(/^partner\./),
          "events:detail-type": "request.proposed.v1",
        },
        Null: { "events:source": "false", "events:detail-type": "false" },
      });
  });
});

describe("queues", () => {
  const isDead = (name: unknown) => String(name).endsWith("-dead");
  const queues = () => stacks.all("aws:sqs/queue:Queue");

  it("have a dead-letter queue and can wait an hour for it", () => {
    const wrong = queues()
      .filter(({ inputs }) => !isDead(inputs.name))
      .filter(({ inputs }) => {
        const redrive = JSON.parse(String(inputs.redrivePolicy ?? "{}"));
        const receives = Number(redrive.maxReceiveCount);
        return !(
          receives >= 5 &&
          receives * Number(inputs.visibilityTimeoutSeconds) >= 3_600 &&
          redrive.deadLetterTargetArn
        );
      });

    expect(wrong.map(({ inputs }) => inputs.name)).toEqual([]);
  });

  it("hide a message for at least six times as long as its function may run, one at a time", () => {
    const wrong = stacks.all("aws:lambda/eventSourceMapping:EventSourceMapping").filter(({ inputs }) => {
      const queue = queues().find(({ computed }) => computed.arn === inputs.eventSourceArn);
      const worker = stacks
        .all("aws:lambda/function:Function")
        .find(({ computed }) => computed.arn === inputs.functionName);
      const fits = Number(queue?.inputs.visibilityTimeoutSeconds) >= 6 * Number(worker?.inputs.timeout);
      return !(fits && inputs.batchSize === 1 && String(inputs.functionResponseTypes) === "ReportBatchItemFailures");
    });

    expect(wrong.map(({ name }) => name)).toEqual([]);
    expect(stacks.all("aws:lambda/eventSourceMapping:EventSourceMapping").length).toBe(queues().length / 2);
  });

  it("have one policy that names exactly the rules that send to them", () => {
    const wrong = queues().filter(({ computed, inputs }) => {
      const policies = stacks
        .all("aws:sqs/queuePolicy:QueuePolicy")
        .filter((policy) => policy.inputs.queueUrl === computed.url);
      const rules = stacks.rulesInto(String(computed.arn));
      if (rules.length === 0) return policies.length > 0;
      const named = JSON.parse(String(policies[0]?.inputs.policy)).Statement[0].Condition.ArnEquals["aws:SourceArn"];
      return (
        policies.length !== 1 ||
        JSON.stringify([...named].sort()) !== JSON.stringify(rules) ||
        inputs.name === undefined
      );
    });

    expect(wrong.map(({ inputs }) => inputs.name)).toEqual([]);
  });

  it("and functions raise an alarm: dead letters, age, errors, a Slack that takes nothing, a stalled request, a plan that lied", () => {
    const alarmed = stacks
      .all("aws:cloudwatch/metricAlarm:MetricAlarm")
      .filter(({ inputs }) => (inputs.alarmActions as string[]).length > 0)
      .map(
        ({ inputs }) =>
          `${inputs.metricName} ${Object.values(inputs.dimensions as Record<string, string>)
            .sort()
            .join(" ")}`,
      );
    const wanted = [
      ...queues().map(
        ({ inputs }) =>
          `${isDead(inputs.name) ? "ApproximateNumberOfMessagesVisible" : "ApproximateAgeOfOldestMessage"} ${inputs.name}`,
      ),
      ...stacks.all("aws:lambda/function:Function").map(({ inputs }) => `Errors ${inputs.name}`),
      "SlackUnusable notifier",
      "EventPublished intake request.stalled.v1",
      "PlanContradicted provisioner",
      "JobContradicted provisioner",
      "JobContradicted compliance",
      ...services.map((service) => `SweepPassedOver ${service}`),
    ];

    expect(wanted.filter((each) => !alarmed.includes(each))).toEqual([]);
  });
});

describe("roles", () => {
  const sentence = (role: Role, { actions, resources }: Statement) => `${role.name}: ${actions} on ${resources}`;
  /** X-Ray has no resources to name. */
  const isTracing = ({ actions }: Statement) => actions.every((action) => action.startsWith("xray:Put"));

  it("name every action and every resource, and take no managed policy", () => {
    const wide = stacks.roles().flatMap((role) =>
      role.statements
        .filter((each) => !isTracing(each))
        .filter(({ actions, resources }) => actions.some((action) => action.includes("*")) || resources.includes("*"))
        .map((each) => sentence(role, each)),
    );

    expect(wide).toEqual([]);
    expect(
      failing(
        stacks.roles(),
        ({ managedPolicies }) => managedPolicies.length === 0,
        ({ name }) => name,
      ),
    ).toEqual([]);
    expect(stacks.all("aws:iam/rolePolicyAttachment:RolePolicyAttachment")).toEqual([]);
  });

  it("can be assumed by their service only, never by the account", () => {
    const wrong = stacks
      .roles()
      .filter(({ trust }) =>
        trust.some(
          ({ principal, condition }) =>
            JSON.stringify(principal).includes(":root") && !JSON.stringify(condition).includes("aws:PrincipalArn"),
        ),
      );

    expect(wrong.map(({ name }) => name)).toEqual([]);
    for (const { trust } of stacks.roles()) expect(JSON.stringify(trust[0]?.principal)).toMatch(/lambda|codebuild/);
  });

  it("one of them can sign, and the key denies it to all others", () => {
    const signers = stacks
      .roles()
      .filter(({ statements }) => statements.some(({ actions }) => actions.includes("kms:Sign")));
    const [key] = stacks.all("aws:kms/key:Key").filter(({ inputs }) => inputs.keyUsage === "SIGN_VERIFY");
    const policy = String(key?.inputs.policy);

    expect(signers.map(({ name }) => name)).toEqual(["sluice-local-approvals-queue"]);
    expect(policy).toMatch(/"Deny".*"kms:Sign".*ArnNotEquals.*sluice-local-approvals-queue/);
  });

  it("that configure see no state and no key", () => {
    for (const { name, statements } of stacks.roles().filter(({ name }) => name.includes("-configure-"))) {
      const reached = statements.flatMap(({ resources }) => resources);
      expect(
        reached.filter((arn) => /statesbucket|digest-keys|:kms:/i.test(arn)),
        name,
      ).toEqual([]);
    }
  });

  it("put the key of a change digest where they plan, and read it where they apply; nobody else reaches it", () => {
    const reached = stacks
      .roles()
      .flatMap(({ name, statements }) =>
        statements
          .filter(({ resources }) => resources.some((arn) => /jobsbucket[^/]*\/(digest-keys|\*)/.test(arn)))
          .map(
            ({ actions, resources }) =>
              `${name.replace("sluice-local-", "")} ${actions} ${resources[0]?.split("/").slice(1)}`,
          ),
      );

    expect(reached.sort()).toEqual([
      "apply-sandbox s3:GetObjectVersion digest-keys,sandbox,*",
      "apply-staging s3:GetObjectVersion digest-keys,staging,*",
      "plan-sandbox s3:PutObject digest-keys,sandbox,*",
      "plan-staging s3:PutObject digest-keys,staging,*",
    ]);
  });

  it("read Slack's signing secret at the Slack door alone, and its token there and where messages are written; health reads no value", () => {
    const nameOf = (arn: string) =>
      stacks.all("aws:secretsmanager/secret:Secret").find(({ computed }) => computed.arn === arn)?.inputs.name ?? arn;
    const reached = stacks
      .roles()
      .flatMap(({ name, statements }) =>
        statements.flatMap(({ actions, resources }) =>
          actions
            .filter((action) => action.startsWith("secretsmanager:"))
            .flatMap((action) => resources.map((arn) => `${name} ${action} ${nameOf(arn)}`)),
        ),
      )
      .map((line) => line.replaceAll("sluice-local-", "").replace("secretsmanager:", ""));

    expect(reached.sort()).toEqual([
      "intake-health DescribeSecret slack-bot",
      "intake-health DescribeSecret slack-signing",
      "intake-slack GetSecretValue slack-bot",
      "intake-slack GetSecretValue slack-signing",
      "notifier-queue GetSecretValue slack-bot",
    ]);
  });

  it("may not delete an item, or a spent grant could be made unspent; one of them asks for an item that it does not write", () => {
    const may = (action: string) =>
      stacks
        .roles()
        .filter(({ statements }) => statements.some(({ actions }) => actions.includes(action)))
        .map(({ name }) => name);

    expect(may("dynamodb:GetItem").length).toBeGreaterThan(0);
    for (const action of ["dynamodb:DeleteItem", "dynamodb:BatchWriteItem", "dynamodb:DeleteTable"])
      expect(may(action), action).toEqual([]);
    expect(may("dynamodb:ConditionCheckItem")).toEqual(["sluice-local-approvals-queue"]);
  });

  it.each(services)(
    "of the queue of %s may do with items what the service's code does, and nothing else",
    (service) => {
      const asked = itemActionsOf(service);
      const granted = stacks.role(`${service}-queue`).statements.flatMap(({ actions }) => actions);

      expect(asked.size).toBeGreaterThan(0);
      expect(new Set(granted.filter((action) => action.startsWith("dynamodb:")))).toEqual(asked);
    },
  );

  it("of functions reach whatever their function's variables name", () => {
    const named = stacks.reachable();
    const functions = stacks.all("aws:lambda/function:Function").map(({ inputs }) => ({
      name: String(inputs.name),
      variables: Object.entries((inputs.environment as { variables: Record<string, string> }).variables),
      resources: stacks
        .role(String(inputs.name).replace("sluice-local-", ""))
        .statements.flatMap(({ resources }) => resources),
    }));
    const unreachable = functions.flatMap(({ name, variables, resources }) =>
      variables
        .flatMap(([variable, value]) => ({ variable, arn: named.get(value) }))
        .filter(({ arn }) => arn && !resources.some((resource) => resource.startsWith(arn)))
        .map(({ variable }) => `${name}: ${variable}`),
    );

    const met = functions.flatMap(({ variables }) => variables.filter(([, value]) => named.has(value)));
    expect(new Set(met.map(([variable]) => variable)).size).toBeGreaterThanOrEqual(8);
    expect(unreachable).toEqual([]);
  });

  it("that start builds may set a job's id and change nothing else of them", () => {
    expect(startsOfBuilds().length).toBeGreaterThan(0);
    for (const { condition } of startsOfBuilds()) {
      expect(condition.Null).toMatchObject({
        "codebuild:source": "true",
        "codebuild:source.buildspec": "true",
        "codebuild:serviceRole": "true",
        "codebuild:environment.image": "true",
      });
      expect(condition["ForAllValues:StringEquals"]).toEqual({
        "codebuild:environment.environmentVariables.name": "JOB_ID",
      });
    }
  });

  it.each([
    ["artifactsOverride", {}],
    ["autoRetryLimitOverride", 1],
    ["buildspecOverride", "{}"],
    ["cacheOverride", {}],
    ["certificateOverride", "any"],
    ["computeTypeOverride", "any"],
    ["encryptionKeyOverride", "any"],
    ["environmentTypeOverride", "any"],
    ["fleetOverride", { fleetArn: "any" }],
    ["imageOverride", "any"],
    ["imagePullCredentialsTypeOverride", "any"],
    ["insecureSslOverride", true],
    ["logsConfigOverride", {}],
    ["privilegedModeOverride", true],
    ["registryCredentialOverride", {}],
    ["secondaryArtifactsOverride", [{}]],
    ["secondarySourcesOverride", [{}]],
    ["serviceRoleOverride", "any"],
    ["sourceAuthOverride", {}],
    ["sourceLocationOverride", "any"],
    ["sourceTypeOverride", "any"],
  ])("that start builds may not give %s", (override, value) => {
    const set = conditionKeysOf({ [override]: value });

    for (const { condition } of startsOfBuilds()) {
      const absent = Object.keys(condition.Null ?? {}).map((key) => key.toLowerCase());
      expect([...set.keys()].filter((key) => absent.includes(key))).not.toEqual([]);
    }
  });
});

describe("builds", () => {
  /**
   * The Node that an image has on its `PATH`, when a buildspec asks for no runtime: what AWS's Dockerfile installs last.
   * https://github.com/aws/aws-codebuild-docker-images/blob/1590e48787084015430500926ea922130dbe9367/ubuntu/standard/8.0/Dockerfile#L574
   */
  const nodeOf: Record<string, string> = { "aws/codebuild/standard:8.0": "v24.14.0" };

  it("have an image whose Node is the one that builds have here", () => {
    const images = new Set(stacks.projects().map(({ image }) => image));
    const here = execFileSync(nodeOfBuilds, ["--version"], { encoding: "utf8" }).trim();

    expect([...images].map((image) => nodeOf[image])).toEqual([here]);
  });

  it("run their release on that Node, as far as the runner's own first word", async () => {
    const container = await Container.make();
    onTestFinished(() => container.remove());
    const { key, versionId, file } = stacks.release();
    const sha256 = key.replace(/^releases\/|\.tar\.gz$/g, "");
    await container.has(key, { file });
    const input = {
      kind: "configuration",
      job: "job_7k3m9qx2_configure_1",
      request: "req_7k3m9qx2",
      step: "configure",
      attempt: 1,
      environment: "staging",
      workspace: "vm-web-7",
      itinerary: "0".repeat(64),
      release: { key, versionId, sha256 },
      subject: "web-7",
      playbook: "virtual-machine",
      variables: {},
      hosts: "none",
    };
    await container.has(`inputs/staging/plan/${input.job}.json`, { bytes: JSON.stringify(input) });
    const planning = stacks.projects().find(({ name }) => name === "sluice-local-plan-staging");

    const { code, log } = await container.run(planning?.buildspec ?? "", {
      JOB_ID: input.job,
      AWS_REGION: "eu-west-1",
      CODEBUILD_BUILD_ID: "sluice-local-plan-staging:00000000-0000-4000-8000-000000000000",
    });

    expect(log).toContain(`Error: The input is of ${input.job} (configuration in staging), not of this build`);
    expect(code).toBe(1);
  });
});

describe("a start", () => {
  const name = "@sluice/http-without-websockets";
  const inBundle = (build: FunctionBuild) => join(root, build.directory, build.bundle);

  it("does without WebSockets of node:http by the first line of each entry, of functions and of builds, and of no other file", () => {
    const entries = Object.values(stacks.synth.functions).map(({ source }) => source.replace(/\.handler$/, ".ts"));
    const text = (file: string) => readFileSync(join(root, file), "utf8");
    const asking = globSync("{packages,services}/*/src/**/*.ts", { cwd: root }).filter((file) =>
      text(file).includes(name),
    );

    expect(asking.sort()).toEqual([...entries, "packages/runner/src/main.ts"].sort());
    expect(asking.filter((file) => !text(file).startsWith(`import "${name}";\n`))).toEqual([]);
  });

  it("does without them in each function's bundle, in the file that is read first", () => {
    const without = Object.values(stacks.synth.functions).filter(
      (build) => !readFileSync(inBundle(build), "utf8").includes('"CloseEvent"'),
    );

    expect(without.map(({ source }) => source)).toEqual([]);
  });

  it("of the Slack door loads nothing of undici when it first calls AWS", () => {
    const door = Object.values(stacks.synth.functions).find(({ source }) =>
      source.endsWith("intake/src/handlers/slack.handler"),
    );
    const bundle = JSON.stringify(pathToFileURL(inBundle(door as FunctionBuild)).href);
    // Without its variables the door refuses to be made, after all that it imports at its start.
    const start = `await import(${bundle}).catch((cause) => console.log(cause.name)); await import("node:http");
      console.log(process.moduleLoadList.some((name) => name.includes("undici/undici")));`;

    const said = execFileSync(process.execPath, ["--input-type=module", "--eval", start], {
      encoding: "utf8",
      env: {},
    });

    expect(said).toBe("ZodError\nfalse\n");
  });
});

describe("intake", () => {
  it("is told what one person and one other system may use up", () => {
    const functions = stacks.all("aws:lambda/function:Function").map(({ inputs }) => inputs);
    const told = ["intake-slack", "intake-queue"].map((name) => {
      const { environment } = functions.find((each) => each.name === `sluice-local-${name}`) as {
        environment: { variables: Record<string, string> };
      };
      return JSON.parse(environment.variables.QUOTAS ?? "{}");
    });

    expect(told).toEqual(Array(2).fill({ openRequests: 20, plansAnHour: 30, proposalsAnHour: 60 }));
  });
});

describe("the HTTP API", () => {
  it("takes 50 requests a second and 100 at once, whoever calls", () => {
    const stages = stacks.all("aws:apigatewayv2/stage:Stage").map(({ inputs }) => inputs);

    expect(stages).toEqual([
      expect.objectContaining({ defaultRouteSettings: { throttlingRateLimit: 50, throttlingBurstLimit: 100 } }),
    ]);
    expect(stages[0]).not.toHaveProperty("routeSettings");
  });
});

describe("rights", () => {
  const all = () => rightsOf(stacks);

  it("are each known to change something or not", () => {
    const rights = all();
    const unknown = rights
      .filter((right) => isWrite(right) === undefined)
      .map(({ who, action }) => `${who}: ${action}`);

    expect(unknown).toEqual([]);
  });

  it("of builds to change something are their own kind's jobs and results and what their kind is for, in their environment", () => {
    const rights = all();
    const builds = [...new Set(rights.filter(({ isBuild }) => isBuild).map(({ who }) => who))].sort();

    expect(builds).toEqual(Object.keys(mayChange).sort());
    for (const who of builds) {
      const has = rights.filter((right) => right.who === who && isWrite(right));
      expect(has.map(({ action, where }) => `${action} ${where}`).sort(), who).toEqual(
        [...everyBuild, ...(mayChange[who] ?? [])].sort(),
      );
    }
  });

  it("of builds to items are conditions on keys that hold for none of no keys, in a table without an index", () => {
    const statements = stacks
      .roles()
      .filter(({ trust }) => JSON.stringify(trust[0]?.principal).includes("codebuild"))
      .flatMap((role) =>
        role.statements.filter(({ actions }) => actions.some((action) => action.startsWith("dynamodb:"))),
      );
    const tables = stacks.all("aws:dynamodb/table:Table");

    expect(statements.length).toBeGreaterThan(0);
    for (const { condition, resources } of statements) {
      expect(condition.Null).toEqual({ "dynamodb:LeadingKeys": "false" });
      expect(condition["ForAllValues:StringLike"]?.["dynamodb:LeadingKeys"]).toBeDefined();
      for (const arn of resources) {
        const table = tables.find(({ computed }) => computed.arn === arn);
        expect(table?.inputs.name).toMatch(/-builds$/);
        expect(table?.inputs.globalSecondaryIndexes ?? []).toEqual([]);
        expect(table?.inputs.localSecondaryIndexes ?? []).toEqual([]);
        expect(table?.inputs.ttl).toBeUndefined();
      }
    }
  });

  it("to change what builds are told are each of an owner of that kind alone", () => {
    const inputs = all().filter(({ action, where }) => action === "s3:PutObject" && where.includes("`inputs/"));
    const owners = inputs.map(({ who, where }) => `${who.split("-")[0]} ${where.match(/inputs\/\*\/(\w+)\//)?.[1]}`);

    expect([...new Set(owners)].sort()).toEqual([
      "compliance scan",
      "provisioner apply",
      "provisioner configuration",
      "provisioner plan",
    ]);
  });

  it("to list a bucket are rights to learn what is not there below a prefix", () => {
    const lists = all().filter(({ action }) => action === "s3:ListBucket");

    expect(lists.length).toBeGreaterThan(0);
    expect(lists.filter(({ where }) => !/: `(results\/\*\/\w+|<environment>)\/\*`$/.test(where))).toEqual([]);
  });

  it("stand in docs/rights.md, for people", () => {
    expect(readFileSync(join(root, "docs/rights.md"), "utf8"), "run `npm run generate`").toBe(rightsPage(all()));
  });
});

describe("what proves something", () => {
  it("outlives the deployment: tables, buckets, keys, logs, releases, the secret", () => {
    const kinds = [
      "aws:dynamodb/table:Table",
      "aws:s3/bucket:Bucket",
      "aws:kms/key:Key",
      "aws:cloudwatch/logGroup:LogGroup",
      "aws:s3/bucketObjectv2:BucketObjectv2",
      "aws:secretsmanager/secret:Secret",
    ];
    const lost = kinds
      .flatMap((kind) => stacks.all(kind))
      .filter(({ retainOnDelete, name }) => !retainOnDelete && !name.endsWith("functionCode"));

    expect(lost.map(({ name }) => name)).toEqual([]);
    expect(stacks.synth.app.removal).toBe("retain");
  });

  it("is kept in versions, privately, and tables cannot be deleted by mistake", () => {
    const buckets = stacks.all("aws:s3/bucket:Bucket").length;

    expect(stacks.all("aws:s3/bucketVersioning:BucketVersioning").length).toBe(buckets);
    expect(stacks.all("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").length).toBe(buckets);
    expect(stacks.all("aws:s3/bucketCorsConfiguration:BucketCorsConfiguration")).toEqual([]);
    expect(stacks.all("aws:dynamodb/table:Table").every(({ inputs }) => inputs.deletionProtectionEnabled)).toBe(true);
    expect(
      stacks.all("aws:cloudwatch/logGroup:LogGroup").every(({ inputs }) => Number(inputs.retentionInDays) >= 365),
    ).toBe(true);
  });

  it("calls Slack over https, at Slack's own hosts", () => {
    const addresses = stacks.all("aws:lambda/function:Function").flatMap(({ inputs }) => {
      const { variables = {} } = inputs.environment as { variables?: Record<string, string> };
      const own = Object.entries(variables).filter(([name]) => /^SLACK_\w+_URL$/.test(name));
      return own.map(([name, value]) => `${String(inputs.name).replace("sluice-local-", "")} ${name} ${value}`);
    });

    expect(addresses.sort()).toEqual([
      "intake-slack SLACK_API_URL https://slack.com/api/",
      "intake-slack SLACK_HOOKS_URL https://hooks.slack.com/",
      "notifier-queue SLACK_API_URL https://slack.com/api/",
    ]);
  });

  it("is put into a bucket only once that keeps versions, or the object would have none that could be named", () => {
    const keeping = stacks.all("aws:s3/bucketVersioning:BucketVersioning");
    const put = stacks.all("aws:s3/bucketObjectv2:BucketObjectv2").map(({ name, inputs, dependsOn }) => ({
      name,
      versioning: keeping.find((versioning) => versioning.inputs.bucket === inputs.bucket)?.name,
      dependsOn,
    }));
    const ours = put.filter(({ versioning }) => versioning !== undefined); // Others go into SST's own bucket.

    expect(ours.map(({ name }) => name)).toEqual([stacks.release().resource.name]);
    for (const { versioning, dependsOn } of ours)
      expect(dependsOn).toContainEqual(expect.stringMatching(new RegExp(`BucketVersioning::${versioning}$`)));
  });

  it("has nothing of the local cloud in it", () => {
    const text = JSON.stringify(stacks.synth);

    expect(text).not.toMatch(/127\.0\.0\.1|localhost|AWS_ENDPOINT_URL|forcePathStyle|use_path_style|LOCAL_/);
    expect(text).not.toContain('"HOSTS":"none"');
  });
});

function startsOfBuilds(): readonly Statement[] {
  return stacks
    .roles()
    .flatMap(({ statements }) => statements.filter(({ actions }) => actions.includes("codebuild:StartBuild")));
}
