import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
} from "@aws-sdk/client-iam";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureTools } from "../../local/setup/tools.ts";
import { startTargets, type Targets } from "../../local/targets/start-targets.ts";
import { openWorkbench, type Workbench } from "./terraform.ts";

const root = join(import.meta.dirname, "../..");
const ACCOUNT = "123456789012"; // The account that moto puts callers in whom it does not know.
const TUNNEL = [
  "ec2-instance-connect:SendSSHPublicKey",
  "ssm:ResumeSession",
  "ssm:StartSession",
  "ssm:TerminateSession",
  "ssmmessages:OpenDataChannel",
];
const KINDS = ["plan", "apply", "configure", "check"] as const;
const SMOKE = { environment: "staging", workspace: "probe-smoke", owner: "ada", name: "smoke" };
const NO_CHANGE = ["-input=false", "-detailed-exitcode"]; // With it, a plan that would change anything ends with 2.

let targets: Targets;
let bench: Workbench;
let environment: Promise<void>;
let client: { region: string; endpoint: string; credentials: { accessKeyId: string; secretAccessKey: string } };

beforeAll(async () => {
  const tools = await ensureTools({ root, want: ["python", "terraform"] });
  targets = await startTargets({ directory: join(root, ".sluice/test/terraform"), tools });
  client = {
    region: "eu-west-1",
    endpoint: targets.url,
    credentials: { accessKeyId: "AKIAOWNER", secretAccessKey: "any" },
  };
  await new S3Client(client).send(
    new CreateBucketCommand({ Bucket: "state", CreateBucketConfiguration: { LocationConstraint: "eu-west-1" } }),
  );
  bench = await openWorkbench({ source: join(root, "terraform"), tools, endpoint: targets.url, bucket: "state" });
  await bench.init("probe");
  environment = applyEnvironment(); // It mostly waits: other tests run meanwhile.
  environment.catch(() => undefined);
});

afterAll(async () => {
  await targets?.stop();
  await bench?.remove();
});

test("every file is formatted", async () => {
  expect(await bench.terraform(".", "fmt", "-check", "-recursive", "-diff")).toBe("");
});

test.each(["network", "virtual_machine"])("module %s keeps its promises", async (module) => {
  await bench.terraform(`modules/${module}`, "init", "-input=false");

  expect(await bench.terraform(`modules/${module}`, "test", "-no-color")).toMatch(/Success! \d+ passed, 0 failed/);
});

test("the probe runs its note as data, and a changed note is a change", async () => {
  const folder = "live/probe";
  const note = `$(touch ran) \`touch ran\` \${file("/etc/passwd")} "; touch ran\n-destroy`;
  const values = await bench.values("probe", "values", { ...SMOKE, note });
  const other = await bench.values("probe", "other", { ...SMOKE, note: "other" });
  const target = await bench.values("probe", "target", targetOf("plan"));
  await bench.terraform(folder, "plan", "-input=false", values, target, "-out=plan");

  await bench.terraform(folder, "apply", "-input=false", target, "plan");

  expect(JSON.parse(await bench.terraform(folder, "output", "-json", "note"))).toBe(note);
  await expect(readFile(join(bench.directory, folder, "ran"))).rejects.toThrow("ENOENT");
  await bench.terraform(folder, "plan", ...NO_CHANGE, values, target);
  await bench.terraform(folder, "plan", "-input=false", other, target, "-out=again");
  expect(actionsIn(await bench.terraform(folder, "show", "-json", "again"))).toEqual(
    Array(3).fill(["delete", "create"]),
  );
});

test.each([[[0, 0]], [[0, 0, 0, 0]], [[0, 0, 121]], [[0, -1, 0]], [[0, 0.5, 0]]])(
  "the probe refuses %j seconds",
  async (seconds) => {
    const values = await bench.values("probe", "refused", { ...SMOKE, seconds });
    const target = await bench.values("probe", "target", targetOf("plan"));

    const plan = bench.terraform("live/probe", "plan", "-input=false", values, target);

    await expect(plan).rejects.toThrow("Use exactly three whole numbers of seconds");
  },
);

test("the environment, once applied, has nothing left to change", async () => {
  await environment;

  await bench.terraform("live/environment", "plan", ...NO_CHANGE, "-var-file=values.tfvars.json");
});

test("each role trusts one principal of Sluice's with the external id, and none may do everything", async () => {
  await environment;
  const iam = new IAMClient(client);

  for (const kind of KINDS) {
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: `sluice-${kind}` }));
    const trust = JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ""));
    expect(trust.Statement).toEqual([
      expect.objectContaining({
        Action: ["sts:TagSession", "sts:AssumeRole"],
        Condition: {
          StringEquals: { "sts:ExternalId": "sluice-staging" },
          ArnEquals: { "aws:PrincipalArn": principal(kind) },
        },
      }),
    ]);
    expect(Role?.PermissionsBoundary?.PermissionsBoundaryArn).toBe(`arn:aws:iam::${ACCOUNT}:policy/sluice-boundary`);

    const { PolicyDocument } = await iam.send(
      new GetRolePolicyCommand({ RoleName: `sluice-${kind}`, PolicyName: "work" }),
    );
    const actions = actionsOf(PolicyDocument);
    expect(actions.filter((action) => action.includes("*"))).toEqual(kind === "configure" ? [] : ["ec2:Describe*"]);
    const more = [...new Set(actions.filter((action) => !reads(action)))].sort();
    if (kind === "plan") expect(more).toEqual([]);
    if (kind === "check") expect(more).toEqual(TUNNEL); // To ask hosts from inside.
  }
});

test("what the plan role may do, the apply role may do on the same resources: both make one plan", async () => {
  await environment;

  const [plan, apply] = await Promise.all([statementsOf("plan"), statementsOf("apply")]);

  const wants = rightsIn(plan);
  expect(wants.map(({ action }) => action)).toContain("ec2:Describe*");
  expect(wants.filter((wanted) => !rightsIn(apply).some((right) => covers(right, wanted)))).toEqual([]);
  expect([...plan, ...apply].filter(({ Effect }) => Effect !== "Allow")).toEqual([]); // What is denied would have to be compared too.
});

test("who opens tunnels may open the channel of a session too, and end the sessions that it began", async () => {
  await environment;

  for (const kind of ["configure", "check"] as const) {
    const statements = await statementsOf(kind);
    const of = (action: string) => statements.filter(({ Action }) => [Action].flat().includes(action));
    expect(of("ssmmessages:OpenDataChannel")).toEqual([
      expect.objectContaining({ Effect: "Allow", Resource: "arn:aws:ssm:*:*:session/*" }),
    ]);
    // A session is named after the role's session and not after `aws:userid`, which begins with the role's id: only its tag has that.
    for (const action of ["ssm:TerminateSession", "ssm:ResumeSession"])
      expect(of(action)).toEqual([
        expect.objectContaining({
          Resource: `arn:aws:ssm:eu-west-1:${ACCOUNT}:session/*`,
          Condition: { StringLike: { "ssm:resourceTag/aws:ssmmessages:session-id": `\${aws:userid}` } },
        }),
      ]);
  }
});

test("the boundary has every action that a role's policy gives, or the right would be none", async () => {
  await environment;
  const iam = new IAMClient(client);
  const PolicyArn = `arn:aws:iam::${ACCOUNT}:policy/sluice-boundary`;
  const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: "v1" }));
  const boundary = actionsOf(PolicyVersion?.Document);

  for (const kind of [...KINDS, "host"] as const) {
    const given = rightsIn(await statementsOf(kind)).map(({ action }) => action);
    expect(given.length, kind).toBeGreaterThan(0);
    expect(
      given.filter((action) => !boundary.some((most) => matches(most, action))),
      kind,
    ).toEqual([]);
  }
});

test("a machine is planned in the region of its target, wherever the build runs", async () => {
  await environment;
  await bench.init("virtual_machine");
  const values = await bench.values("virtual_machine", "values", {
    environment: "staging",
    workspace: "vm-web-7",
    owner: "ada",
    name: "web-7",
    size: "small",
    image: "ami-785db401",
    disk_gib: 10,
    open_https: false,
  });
  const here = await bench.values("virtual_machine", "here", targetOf("plan"));
  const elsewhere = await bench.values("virtual_machine", "elsewhere", targetOf("plan", "eu-central-1"));
  const plan = (target: string) =>
    bench.terraform("live/virtual_machine", "plan", "-input=false", "-no-color", values, target);

  // The environment's facts lie in its own region, and the build's variables name that one both times.
  expect(await plan(here)).toMatch(/Plan: \d+ to add/);
  await expect(plan(elsewhere)).rejects.toThrow(/reading SSM Parameter \(\/sluice\/staging\//);
});

test("every root that requests reach has its provider's region from its target", async () => {
  const roots = (await readdir(join(bench.directory, "live"))).filter((root) => root !== "environment");
  const providers = roots.map((root) => readFile(join(bench.directory, "live", root, "provider.tf"), "utf8"));
  const texts = (await Promise.allSettled(providers)).flatMap((read) =>
    read.status === "fulfilled" ? read.value : [],
  );

  expect(texts.length).toBeGreaterThan(0); // The probe has no provider.
  for (const text of texts) expect(text).toMatch(/^ {2}region = var\.target\.region$/m);
});

async function applyEnvironment(): Promise<void> {
  const values = await bench.values("environment", "values", {
    environment: "staging",
    sluice_account_id: "000000000000",
    external_id: "sluice-staging",
    principal_arns: Object.fromEntries(KINDS.map((kind) => [kind, principal(kind)])),
  });
  await bench.init("environment");
  await bench.terraform("live/environment", "apply", "-input=false", "-auto-approve", values);
}

function actionsIn(plan: string): string[][] {
  const { resource_changes }: { resource_changes: { change: { actions: string[] } }[] } = JSON.parse(plan);
  return resource_changes.map(({ change }) => change.actions);
}

function principal(kind: string): string {
  return `arn:aws:iam::000000000000:role/sluice-local-${kind}-staging`;
}

function targetOf(kind: string, region = "eu-west-1") {
  return {
    target: {
      region,
      role_arn: `arn:aws:iam::${ACCOUNT}:role/sluice-${kind}`,
      external_id: "sluice-staging",
      session_name: "req_1",
      tags: { request: "req_1" },
    },
  };
}

type Statement = Readonly<{
  Effect: string;
  Action: string | string[];
  Resource: string | string[];
  Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}>;
type Right = Readonly<{ action: string; resource: string; condition: Statement["Condition"] }>;

/** All that a role may do in the account: its boundary is the other roles' too. */
async function statementsOf(kind: (typeof KINDS)[number] | "host"): Promise<readonly Statement[]> {
  const iam = new IAMClient(client);
  const role = { RoleName: `sluice-${kind}` };
  expect((await iam.send(new ListAttachedRolePoliciesCommand(role))).AttachedPolicies).toEqual([]);
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand(role));
  const policies = await Promise.all(
    PolicyNames.map((PolicyName) => iam.send(new GetRolePolicyCommand({ ...role, PolicyName }))),
  );
  return policies.flatMap(({ PolicyDocument }) => statementsIn(PolicyDocument));
}

function rightsIn(statements: readonly Statement[]): Right[] {
  return statements.flatMap(({ Action, Resource, Condition }) =>
    [Action]
      .flat()
      .flatMap((action) => [Resource].flat().map((resource) => ({ action, resource, condition: Condition }))),
  );
}

/** A condition of another right is taken as stricter, unless this one has the same. */
function covers(right: Right, wanted: Right): boolean {
  const isAsOpen = right.condition === undefined || isDeepStrictEqual(right.condition, wanted.condition);
  return isAsOpen && matches(right.action, wanted.action) && matches(right.resource, wanted.resource);
}

/** Whether all that one pattern of IAM's names is named by the other one: a `*` may stand for a `*`. */
function matches(pattern: string, wanted: string): boolean {
  const literal = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literal.join(".*")}$`).test(wanted);
}

function actionsOf(policy: string | undefined): string[] {
  return statementsIn(policy).flatMap(({ Action }) => Action);
}

function statementsIn(policy: string | undefined): readonly Statement[] {
  const { Statement }: { Statement: Statement[] } = JSON.parse(decodeURIComponent(policy ?? ""));
  return Statement;
}

function reads(action: string): boolean {
  return /^[a-z0-9-]+:(Describe|Get)/.test(action);
}
