import { type Service, services } from "@sluice/events";
import type { Kind } from "./builds-of.ts";
import type { Try } from "./lying-build.ts";

/** Where a build tries: its own environment with a request that is not its own, and another environment with one. */
export type Place = Readonly<{
  environment: string;
  victim: string;
  other: Readonly<{ environment: string; request: string }>;
  tables: Readonly<Record<Service, string>>;
  buildsTables: Readonly<Record<"provisioner" | "compliance", string>>;
  buckets: Readonly<Record<"jobs" | "states" | "releases" | "directory", string>>;
  bus: string;
  grantKey: string;
  secret: string;
  queueUrl: (name: string) => string;
}>;

/** What is tried, which kinds of build may do it, and what those are answered: it is done, where nothing else is said. */
export type Tried = Try & Readonly<{ may: readonly Kind[]; answer?: string }>;

/** What each kind of job is called: by its role, in keys, by its step, and whose it is. */
export const jobKinds = {
  plan: { key: "plan", owner: "provisioner" },
  apply: { key: "apply", owner: "provisioner" },
  configure: { key: "configuration", owner: "provisioner" },
  check: { key: "scan", owner: "compliance" },
} as const satisfies Record<Kind, { key: string; owner: "provisioner" | "compliance" }>;
export const kinds = Object.keys(jobKinds) as Kind[];
const READ_STATES: readonly Kind[] = ["plan", "apply", "check"];
const LOCK: readonly Kind[] = ["plan", "apply"];
const NOBODY: readonly Kind[] = [];

/** Which job is tried on: the victim plans again after what is said of its apply, so the rest of it are later attempts. */
const ATTEMPTS = { plan: 1, apply: 1, configure: 2, check: 3 } as const satisfies Record<Kind, number>;

export const jobOf = (request: string, kind: Kind) => `${request.replace("req_", "job_")}_${kind}_${ATTEMPTS[kind]}`;

/**
 * Everything of the threat model that a build could try with the rights of its role, and the whole of what each kind may of it. Whoever widens a role changes this
 * list, and says why.
 */
export function triesOf(place: Place): readonly Tried[] {
  return [
    ...ofOwnTables(place),
    ...ofJobs(place),
    ...ofWorkspaces(place),
    ...ofStates(place),
    ...ofJobsBucket(place),
  ].concat(ofFunctions(place));
}

/** Requests, outcomes and whatever is due: in the owners' own tables no build may even read. */
function ofOwnTables({ environment, victim, tables }: Place): readonly Tried[] {
  const due = { pk: "junk", sk: "junk", dueShard: "all", dueAt: 0 };
  return services.flatMap((service): Tried[] => {
    const TableName = tables[service];
    const request = { pk: service === "intake" ? victim : `${environment}#${victim}`, sk: "request" };
    return [
      { what: `${service}: reads a request`, may: NOBODY, call: "get", input: { TableName, Key: request } },
      { what: `${service}: writes something due`, may: NOBODY, call: "put", input: { TableName, Item: due } },
      { what: `${service}: changes a request`, may: NOBODY, ...touching(TableName, request) },
      {
        what: `${service}: writes an outcome`,
        may: NOBODY,
        call: "put",
        input: { TableName, Item: { ...request, sk: "outcome#plan#1", outcome: { ended: "completed" } } },
      },
      {
        what: `${service}: asks what is due`,
        may: NOBODY,
        call: "query",
        input: {
          TableName,
          IndexName: "due",
          KeyConditionExpression: "dueShard = :all",
          ExpressionAttributeValues: { ":all": "all" },
        },
      },
    ];
  });
}

function ofJobs({ environment, victim, other, buildsTables }: Place): readonly Tried[] {
  return kinds.flatMap((kind): Tried[] => {
    const { key, owner } = jobKinds[kind];
    const [TableName, anothers] = [
      buildsTables[owner],
      buildsTables[owner === "compliance" ? "provisioner" : "compliance"],
    ];
    const job = { pk: `${environment}#job#${key}#${jobOf(victim, kind)}`, sk: "job" };
    const elsewhere = { pk: `${other.environment}#job#${key}#${jobOf(other.request, kind)}`, sk: "job" };
    const both = [job, elsewhere].map((Key) => ({ Update: touching(TableName, Key).input }));
    return [
      { what: `${kind}: reads a job`, may: [kind], call: "get", input: { TableName, Key: job } },
      { what: `${kind}: changes a job`, may: [kind], ...touching(TableName, job) },
      { what: `${kind}: puts a job`, may: NOBODY, call: "put", input: { TableName, Item: job } },
      {
        what: `${kind}: puts a job in a batch`,
        may: NOBODY,
        call: "batch",
        input: { RequestItems: { [TableName]: [{ PutRequest: { Item: job } }] } },
      },
      { what: `${kind}: deletes a job`, may: NOBODY, call: "delete", input: { TableName, Key: job } },
      { what: `${kind}: changes its like in the other owner's table`, may: NOBODY, ...touching(anothers, job) },
      {
        what: `${kind}: reads another environment's job`,
        may: NOBODY,
        call: "get",
        input: { TableName, Key: elsewhere },
      },
      { what: `${kind}: changes another environment's job`, may: NOBODY, ...touching(TableName, elsewhere) },
      {
        what: `${kind}: changes both in one transaction`,
        may: NOBODY,
        call: "transaction",
        input: { TransactItems: both },
      },
    ];
  });
}

function ofWorkspaces({ environment, other, buildsTables }: Place): readonly Tried[] {
  const TableName = buildsTables.provisioner;
  const workspace = (of: string) => ({ pk: `${of}#workspace#probe-junk`, sk: "workspace" });
  const grant = (of: string) => ({ pk: `${of}#grant#junk`, sk: "grant" });
  const put = (Item: object) => ({ call: "put", input: { TableName, Item: { ...Item } } }) as const;
  return [
    { what: "changes a workspace", may: ["apply"], ...touching(TableName, workspace(environment)) },
    { what: "puts a workspace", may: NOBODY, ...put(workspace(environment)) },
    {
      what: "changes another environment's workspace",
      may: NOBODY,
      ...touching(TableName, workspace(other.environment)),
    },
    { what: "spends a grant", may: ["apply"], ...put(grant(environment)) },
    { what: "changes a spent grant", may: NOBODY, ...touching(TableName, grant(environment)) },
    { what: "deletes a spent grant", may: NOBODY, call: "delete", input: { TableName, Key: grant(environment) } },
    { what: "spends another environment's grant", may: NOBODY, ...put(grant(other.environment)) },
    ...Object.values(buildsTables).map(
      (each): Tried => ({ what: `looks through ${each}`, may: NOBODY, call: "scan", input: { TableName: each } }),
    ),
  ];
}

function ofStates({ environment, other, victim, buckets }: Place): readonly Tried[] {
  const Bucket = buckets.states;
  const at = (of: string, name = `probe-${victim.slice(4)}`) => ({ Bucket, Key: `${of}/${name}` });
  const Body = "junk";
  return [
    { what: "reads a state", may: READ_STATES, answer: "NoSuchKey", call: "getObject", input: at(environment) },
    { what: "reads another environment's state", may: NOBODY, call: "getObject", input: at(other.environment) },
    { what: "writes a state", may: ["apply"], call: "putObject", input: { ...at(environment, "junk"), Body } },
    {
      what: "writes another environment's state",
      may: NOBODY,
      call: "putObject",
      input: { ...at(other.environment, "junk"), Body },
    },
    { what: "deletes a state", may: NOBODY, call: "deleteObject", input: at(environment) },
    { what: "locks a state", may: LOCK, call: "putObject", input: { ...at(environment, "junk.tflock"), Body } },
    { what: "unlocks a state", may: LOCK, call: "deleteObject", input: at(environment, "other.tflock") },
    {
      what: "locks another environment's state",
      may: NOBODY,
      call: "putObject",
      input: { ...at(other.environment, "junk.tflock"), Body },
    },
    {
      what: "unlocks another environment's state",
      may: NOBODY,
      call: "deleteObject",
      input: at(other.environment, "other.tflock"),
    },
    { what: "lists all states", may: NOBODY, call: "listObjects", input: { Bucket } },
    { what: "lists its states", may: READ_STATES, call: "listObjects", input: { Bucket, Prefix: `${environment}/` } },
    {
      what: "lists another environment's states",
      may: NOBODY,
      call: "listObjects",
      input: { Bucket, Prefix: `${other.environment}/` },
    },
  ];
}

function ofJobsBucket({ environment, victim, other, buckets }: Place): readonly Tried[] {
  const Bucket = buckets.jobs;
  const Body = "{}";
  const digestKey = (of: string) => ({ Bucket, Key: `digest-keys/${of}/${jobOf(victim, "plan")}/junk.json` });
  const VersionId = "00000000-0000-0000-0000-000000000000";
  return [
    ...kinds.flatMap((kind): Tried[] => {
      const { key } = jobKinds[kind];
      const input = { Bucket, Key: `inputs/${environment}/${key}/${jobOf(victim, kind)}.json` };
      const elsewhere = { Bucket, Key: `inputs/${other.environment}/${key}/${jobOf(other.request, kind)}.json` };
      const result = (of: string, request: string) => ({
        Bucket,
        Key: `results/${of}/${key}/${jobOf(request, kind)}/junk.json`,
      });
      return [
        { what: `${kind}: reads an input`, may: [kind], call: "getObject", input },
        { what: `${kind}: puts an input`, may: NOBODY, call: "putObject", input: { ...input, Body } },
        { what: `${kind}: reads another environment's input`, may: NOBODY, call: "getObject", input: elsewhere },
        {
          what: `${kind}: puts another environment's input`,
          may: NOBODY,
          call: "putObject",
          input: { ...elsewhere, Body },
        },
        {
          what: `${kind}: puts a result`,
          may: [kind],
          call: "putObject",
          input: { ...result(environment, victim), Body },
        },
        { what: `${kind}: deletes a result`, may: NOBODY, call: "deleteObject", input: result(environment, victim) },
        {
          what: `${kind}: puts another environment's result`,
          may: NOBODY,
          call: "putObject",
          input: { ...result(other.environment, other.request), Body },
        },
      ];
    }),
    {
      what: "puts the key of a change digest",
      may: ["plan"],
      call: "putObject",
      input: { ...digestKey(environment), Body },
    },
    {
      what: "reads the key of a change digest",
      may: ["apply"],
      answer: "NoSuchVersion",
      call: "getObject",
      input: { ...digestKey(environment), VersionId },
    },
    {
      what: "puts another environment's",
      may: NOBODY,
      call: "putObject",
      input: { ...digestKey(other.environment), Body },
    },
    {
      what: "reads another environment's",
      may: NOBODY,
      call: "getObject",
      input: { ...digestKey(other.environment), VersionId },
    },
    { what: "lists jobs", may: NOBODY, call: "listObjects", input: { Bucket, Prefix: `results/${environment}/` } },
    {
      what: "puts a release",
      may: NOBODY,
      call: "putObject",
      input: { Bucket: buckets.releases, Key: "releases/junk", Body },
    },
    {
      what: "reads the directory",
      may: NOBODY,
      call: "getObject",
      input: { Bucket: buckets.directory, Key: "directory.json" },
    },
  ];
}

/** What functions do. A report wakes its owner and proves nothing: this one quotes a build that has no lease. */
function ofFunctions({ victim, bus, grantKey, secret, queueUrl }: Place): readonly Tried[] {
  const quoting = (job: string) =>
    JSON.stringify({ message: "job.progressed", job, build: `junk:${"0".repeat(36)}`, sequence: 1, doing: "Lying" });
  const entry = { EventBusName: bus, Source: "sluice.provisioner", DetailType: "apply.completed.v1", Detail: "{}" };
  return [
    {
      what: "quotes a build to the provisioner",
      may: ["plan", "apply", "configure"],
      call: "send",
      input: { QueueUrl: queueUrl("provisioner-reports"), MessageBody: quoting(jobOf(victim, "plan")) },
    },
    {
      what: "quotes a build to compliance",
      may: ["check"],
      call: "send",
      input: { QueueUrl: queueUrl("compliance-reports"), MessageBody: quoting(jobOf(victim, "check")) },
    },
    ...services.map(
      (service): Tried => ({
        what: `sends to ${service}'s queue`,
        may: NOBODY,
        call: "send",
        input: { QueueUrl: queueUrl(service), MessageBody: "{}" },
      }),
    ),
    { what: "publishes an event", may: NOBODY, call: "publish", input: { Entries: [entry] } },
    { what: "signs a grant", may: NOBODY, call: "sign", input: { KeyId: grantKey, SigningAlgorithm: "ECDSA_SHA_256" } },
    { what: "reads Slack's secret", may: NOBODY, call: "readSecret", input: { SecretId: secret } },
    ...kinds.map(
      (kind): Tried => ({
        what: `starts a build: ${kind}`,
        may: NOBODY,
        call: "startBuild",
        input: { projectName: `sluice-local-${kind}-sandbox` },
      }),
    ),
  ];
}

/** An attribute more, which changes nothing for whoever reads the item. */
function touching(TableName: string, Key: Readonly<{ pk: string; sk: string }>) {
  const input = {
    TableName,
    Key,
    UpdateExpression: "SET junk = :junk",
    ExpressionAttributeValues: { ":junk": "junk" },
  };
  return { call: "update", input } as const;
}
