import { list, type Role, type Statement, type Synthesized } from "./synthesized.ts";

/**
 * Every action that a role of ours may have, and whether it changes something. `UpdateItem` writes an item that is not there. An action that stands here nowhere
 * fails a test: nobody may get a new one unseen.
 */
const WRITES: Readonly<Record<string, boolean>> = {
  "codebuild:BatchGetBuilds": false,
  "codebuild:StartBuild": true,
  "dynamodb:ConditionCheckItem": false,
  "dynamodb:GetItem": false,
  "dynamodb:PutItem": true,
  "dynamodb:Query": false,
  "dynamodb:UpdateItem": true,
  "events:PutEvents": true,
  "kms:GetPublicKey": false,
  "kms:Sign": true,
  "logs:CreateLogStream": true,
  "logs:PutLogEvents": true,
  "s3:DeleteObject": true,
  "s3:GetObject": false,
  "s3:GetObjectVersion": false,
  "s3:ListBucket": false,
  "s3:PutObject": true,
  "secretsmanager:DescribeSecret": false,
  "secretsmanager:GetSecretValue": false,
  "sqs:ChangeMessageVisibility": true,
  "sqs:DeleteMessage": true,
  "sqs:GetQueueAttributes": false,
  "sqs:ReceiveMessage": false,
  "sqs:SendMessage": true,
  "sts:AssumeRole": true,
  "sts:TagSession": true,
  "xray:PutTelemetryRecords": true,
  "xray:PutTraceSegments": true,
};

/** One thing that somebody may do at one place, such as a table's items with keys like these. */
export type Right = Readonly<{ who: string; isBuild: boolean; action: string; where: string }>;

/** Every right of every role, with the same of all environments as one. */
export function rightsOf(stacks: Synthesized): readonly Right[] {
  const environments = environmentsOf(stacks);
  const all = stacks.roles().flatMap((role) => role.statements.flatMap((statement) => ofStatement(role, statement)));
  const named = all.map((right) => ({
    ...right,
    who: withoutEnvironment(right.who, environments),
    where: withoutEnvironment(right.where, environments),
  }));
  return [...new Map(named.map((right) => [JSON.stringify(right), right])).values()];
}

export function isWrite({ action }: Right): boolean | undefined {
  return WRITES[action];
}

type Environments = ReadonlyMap<string, string>;

/** Each environment's name and account, by the roles that its builds assume. */
function environmentsOf(stacks: Synthesized): Environments {
  const found = stacks.roles().flatMap(({ name, statements }) => {
    const target = statements.find(({ actions }) => actions.includes("sts:AssumeRole"))?.resources[0];
    const account = target?.match(/^arn:aws:iam::(\d{12}):/)?.[1];
    return account ? [[name.split("-").at(-1) ?? "", account] as const] : [];
  });
  return new Map(found);
}

function withoutEnvironment(text: string, environments: Environments): string {
  let all = text;
  for (const [name, account] of environments)
    all = all.replaceAll(new RegExp(`\\b${name}\\b`, "g"), "<environment>").replaceAll(account, "<environment>");
  return all;
}

function ofStatement(role: Role, { effect, actions, resources, condition }: Statement): Right[] {
  const isBuild = JSON.stringify(role.trust[0]?.principal).includes("codebuild");
  const who = role.name.replace(/^sluice-local-/, "");
  if (effect !== "Allow") throw new Error(`${role.name} has a statement that is no Allow`);
  return actions.flatMap((action) =>
    resources.flatMap((resource) =>
      placesOf(resource, action, condition).map((where) => ({ who, isBuild, action, where })),
    ),
  );
}

function placesOf(arn: string, action: string, condition: Statement["condition"]): string[] {
  const of = (operator: string, key: string) => list(condition[operator]?.[key]);
  const keys = of("ForAllValues:StringLike", "dynamodb:LeadingKeys");
  const types = [...of("ForAllValues:StringEquals", "events:detail-type"), ...of("StringEquals", "events:detail-type")];
  const prefixes = of("StringLike", "s3:prefix");
  const place = placeOf(arn);
  if (keys.length > 0) return keys.map((key) => `${place}: \`${key}\``);
  if (types.length > 0) return types.map((type) => `${place}: \`${type}\``);
  if (prefixes.length > 0) return prefixes.map((prefix) => `${place}: \`${prefix}\``);
  return [action === "codebuild:StartBuild" ? `${place}, with \`JOB_ID\` and nothing else set` : place];
}

/** What an ARN of ours is called by people. */
function placeOf(arn: string): string {
  const [, , service = "", , account = "", ...rest] = arn.split(":");
  const name = rest.join(":").replaceAll("sluice-local-", "");
  switch (service) {
    case "dynamodb":
      return name.replace(/^table\//, "table ").replace("/index/", ", index ");
    case "s3": {
      const [bucket = "", ...key] = name.split("/");
      const of = `bucket ${bucket.replace(/bucket-\w+$/, "")}`;
      return key.length > 0 ? `${of}: \`${key.join("/")}\`` : of;
    }
    case "sqs":
      return `queue ${name}`;
    case "events":
      return "the bus";
    case "kms":
      return "the grant key";
    case "codebuild":
      return name.replace("project/", "project ");
    case "iam":
      return `${name.replace("role/", "role ")} in the account of \`${account}\``;
    case "secretsmanager":
      return `secret ${name.replace(/^secret:/, "").replace(/-[0-9a-z]{6}$/, "")}`;
    case "logs":
      return "its own log";
    default:
      return "tracing";
  }
}

/** `docs/rights.md`: everybody's rights, as they would be deployed. */
export function rightsPage(rights: readonly Right[]): string {
  const table = (isBuild: boolean, writes: boolean) => {
    const rows = rights.filter((right) => right.isBuild === isBuild && isWrite(right) === writes && !isOrdinary(right));
    const byWho = Map.groupBy(rows, ({ who, where }) => `${who} ${where}`);
    const acting = [...byWho.values()].map(([first, ...more]) => ({
      who: first?.who ?? "",
      where: first?.where ?? "",
      may: [first, ...more].map((right) => `\`${right?.action}\``).sort(),
    }));
    const byPlace = Map.groupBy(acting, ({ who, where, may }) => [who, ...may, where.split(": ")[0]].join());
    const lines = [...byPlace.values()].map((same) => {
      const [place = "", ...key] = same[0]?.where.split(": ") ?? [];
      const keys = key.length > 0 ? `: ${same.map(({ where }) => where.slice(place.length + 2)).join(", ")}` : "";
      return `| \`${same[0]?.who}\` | ${same[0]?.may.join(", ")} | ${place}${keys} |`;
    });
    return ["| Who | May | Where |", "|---|---|---|", ...lines.sort()].join("\n");
  };
  return `# Rights

Made from the synthesized stacks by \`npm run generate\`; a test fails while it is behind them. Who is not named may not. \`<environment>\` stands for each environment: a role reaches its own and no other.
A right is an IAM statement of the role; conditions on keys and prefixes are what stands behind the colon. Everybody may also write its own log and, of functions, trace.

A build runs code that people wrote into a root, a provider or a playbook, so its role is what that code may do ([threat model](design.md#threat-model)).
All that a build may write of Sluice's own state lies in the builds' tables, which have no index: jobs of its own kind and, of an apply, workspaces and spent grants. \`UpdateItem\` writes an item also where none is.

## What builds may change

${table(true, true)}

## What builds may read

${table(true, false)}

## What functions may change

${table(false, true)}

## What functions may read

${table(false, false)}
`;
}

/** What everybody has and nobody asks about. */
function isOrdinary({ where }: Right): boolean {
  return where === "its own log" || where === "tracing";
}
