import { describe, expect, it } from "vitest";
import { verdictOf } from "../../src/kinds/scan.ts";
import { noSecrets } from "../../src/masking/secrets.ts";
import { type Answered, askControls, evidenceOf, NO_HOSTS } from "../../src/scan/ask-controls.ts";
import type { Control, Hosts, IngressRule, Instance, Scope, SecondPlan } from "../../src/scan/control.ts";
import { profiles } from "../../src/scan/profiles.ts";

const instance: Instance = {
  id: "i-1",
  rootVolume: "vol-1",
  metadataTokens: "required",
  metadataEndpoint: "enabled",
  securityGroups: ["sg-1"],
  tags: { environment: "staging", workspace: "vm-web-7", owner: "sluice" },
};
const https: IngressRule = { group: "sg-1", protocol: "tcp", fromPort: 443, toPort: 443, ranges: ["0.0.0.0/0"] };

const refusing = { passwordauthentication: "no", kbdinteractiveauthentication: "no", permitrootlogin: "no" };
const sshd = (changed: object = {}) => new Map<string, string>(Object.entries({ ...refusing, ...changed }));

/** An account in which everything holds, but for what a test changes. */
function scope(
  changed: {
    instance?: Partial<Instance>;
    encrypted?: boolean;
    rules?: IngressRule[];
    plan?: Partial<SecondPlan>;
    refuse?: boolean;
    hosts?: Partial<Hosts>;
    tagged?: string[];
  } = {},
): Scope {
  const answer = <T>(value: T) =>
    changed.refuse ? Promise.reject(new Error("UnauthorizedOperation")) : Promise.resolve(value);
  return {
    environment: "staging",
    workspace: "vm-web-7",
    instances: ["i-1"],
    account: {
      instances: () => answer([{ ...instance, ...changed.instance }]),
      encryption: () => answer({ "vol-1": changed.encrypted ?? true }),
      ingress: () => answer(changed.rules ?? [https]),
      tagged: () => answer(changed.tagged ?? []),
    },
    hosts: {
      sshd: () => answer([{ host: "web-7", settings: sshd() }]),
      wouldChange: () => answer([]),
      close: async () => undefined,
      ...changed.hosts,
    },
    secondPlan: async () => ({ empty: true, changes: [], drift: [], failingChecks: [], ...changed.plan }),
  };
}

const evidence = { key: "results/evidence.json", versionId: "v1", sha256: "0".repeat(64) as never };
const ask = (changed: Parameters<typeof scope>[0], hosts: "none" | "ssh" = "none", profile = "baseline") =>
  askControls(profiles[profile] ?? [], scope(changed), hosts, () => undefined);
const told = (answers: readonly Answered[]) => evidenceOf(answers, noSecrets);
const failed = async (changed: Parameters<typeof scope>[0]) =>
  (await ask(changed)).filter(({ verdict }) => verdict === "failed").map(({ id, because }) => `${id}: ${because}`);

describe("the baseline", () => {
  it("passes what it can ask and skips hosts where there are none", async () => {
    expect(verdictOf(told(await ask({})), evidence)).toEqual({
      evidence,
      passed: 6,
      skipped: 3,
      skippedBecause: NO_HOSTS,
    });
  });

  it.each<[string, Parameters<typeof scope>[0], string]>([
    ["a root volume in clear", { encrypted: false }, "root-volume-encrypted: vol-1 of i-1"],
    ["no root volume", { instance: { rootVolume: undefined } }, "root-volume-encrypted: no root volume of i-1"],
    ["IMDSv1", { instance: { metadataTokens: "optional" } }, "metadata-tokens-required: i-1 says optional"],
    [
      "SSH from anywhere",
      { rules: [https, { ...https, fromPort: 22, toPort: 22 }] },
      "only-https-from-anywhere: sg-1 lets in tcp 22",
    ],
    [
      "everything from anywhere over IPv6",
      { rules: [{ group: "sg-1", protocol: "-1", fromPort: undefined, toPort: undefined, ranges: ["::/0"] }] },
      "only-https-from-anywhere: sg-1 lets in everything",
    ],
    [
      "a range of ports that holds 443",
      { rules: [{ ...https, fromPort: 1, toPort: 65_535 }] },
      "only-https-from-anywhere: sg-1 lets in tcp 1–65535",
    ],
    ["443 by UDP", { rules: [{ ...https, protocol: "udp" }] }, "only-https-from-anywhere: sg-1 lets in udp 443"],
    [
      "another workspace's tag",
      { instance: { tags: { environment: "staging", workspace: "vm-other", owner: "x" } } },
      "required-tags: workspace of i-1",
    ],
    [
      "a missing owner",
      { instance: { tags: { environment: "staging", workspace: "vm-web-7" } } },
      "required-tags: owner of i-1",
    ],
    [
      "something to change",
      { plan: { empty: false, changes: ["update aws_instance.host"] } },
      "second-plan-empty: update aws_instance.host",
    ],
    [
      "a check of the configuration that does not hold, of which Terraform only warns",
      { plan: { failingChecks: ["The check check.size fails: huge is too much."] } },
      "checks-hold: The check check.size fails: huge is too much.",
    ],
  ])("fails for %s", async (_, changed, words) => {
    expect(await failed(changed)).toEqual([words]);
  });

  it("lets other ports in from inside, and passes where the metadata service is off", async () => {
    const inside = { ...https, fromPort: 22, toPort: 22, ranges: ["10.0.0.0/8"] };

    expect(
      await failed({ rules: [inside], instance: { metadataTokens: "optional", metadataEndpoint: "disabled" } }),
    ).toEqual([]);
  });

  it("passes whole where there are hosts, and keeps what they said", async () => {
    const answers = await ask({}, "ssh");

    expect(verdictOf(told(answers), evidence)).toEqual({ evidence, passed: 9, skipped: 0 });
    expect(answers.find(({ id }) => id === "ssh-refuses-root")).toMatchObject({
      asked: "ssh: sudo sshd -T",
      answered: [{ host: "web-7", said: { permitrootlogin: "no" } }],
    });
  });

  it.each<[string, Partial<Hosts>, string]>([
    [
      "passwords",
      { sshd: async () => [{ host: "web-7", settings: sshd({ passwordauthentication: "yes" }) }] },
      "ssh-refuses-passwords: passwordauthentication of web-7 is yes",
    ],
    [
      "root with a key",
      { sshd: async () => [{ host: "web-7", settings: sshd({ permitrootlogin: "without-password" }) }] },
      "ssh-refuses-root: permitrootlogin of web-7 is without-password",
    ],
    [
      "one host of two",
      {
        sshd: async () => [
          { host: "web-7", settings: sshd() },
          { host: "web-8", settings: sshd({ permitrootlogin: "yes" }) },
        ],
      },
      "ssh-refuses-root: permitrootlogin of web-8 is yes",
    ],
    [
      "something that the role would change",
      { wouldChange: async () => [{ host: "web-7", task: "baseline : Ensure sshd runs" }] },
      "role-finds-nothing: baseline : Ensure sshd runs on web-7",
    ],
  ])("fails on a host for %s", async (_, hosts, words) => {
    const answers = await ask({ hosts }, "ssh");

    expect(answers.filter(({ verdict }) => verdict === "failed").map(({ id, because }) => `${id}: ${because}`)).toEqual(
      [words],
    );
  });

  it.each<[string, Partial<Hosts>]>([
    ["does not answer", { sshd: () => Promise.reject(new Error("web-7 does not answer: TargetNotConnected")) }],
    ["is not there", { sshd: async () => [] }],
  ])("does not pass when a host %s", async (_, hosts) => {
    const answers = await ask({ hosts }, "ssh");

    expect(() => verdictOf(told(answers), evidence)).toThrow(
      expect.objectContaining({
        code: "could_not_run",
        message: expect.stringContaining("Could not check: SSH refuses"),
      }),
    );
  });

  it("takes a setting that sshd does not say for one that does not hold", async () => {
    const settings = sshd();
    settings.delete("passwordauthentication");
    const answers = await ask({ hosts: { sshd: async () => [{ host: "web-7", settings }] } }, "ssh");

    expect(answers.find(({ id }) => id === "ssh-refuses-passwords")).toMatchObject({
      verdict: "failed",
      because: "passwordauthentication of web-7 is not said",
    });
  });
});

describe("a removal", () => {
  const removal = async (changed: Parameters<typeof scope>[0]) =>
    (await ask(changed, "ssh", "removal")).map(({ id, verdict, because }) => [id, verdict, because]);

  it("passes when neither Terraform nor the account has anything of the workspace", async () => {
    expect(await removal({})).toEqual([
      ["second-plan-empty", "passed", undefined],
      ["checks-hold", "passed", undefined],
      ["nothing-tagged", "passed", undefined],
    ]);
  });

  it("fails for what the account still has though no state knows it", async () => {
    const volume = "arn:aws:ec2:eu-west-1:222222222222:volume/vol-1";

    expect(await removal({ tagged: [volume] })).toContainEqual(["nothing-tagged", "failed", volume]);
  });
});

it("never takes a question that could not be asked for a pass", async () => {
  const answers = await ask({ refuse: true });

  expect(() => verdictOf(told(answers), evidence)).toThrow(
    expect.objectContaining({ code: "could_not_run", message: expect.stringContaining("UnauthorizedOperation") }),
  );
});

it("names every control that fails, also beside one that could not be asked", async () => {
  const broken: Control = { id: "broken", title: "Broken", ask: () => Promise.reject(new Error("no answer")) };
  const open = { ...https, fromPort: 22, toPort: 22 };
  const answers = await askControls(
    [broken, ...(profiles.baseline ?? [])],
    scope({ encrypted: false, rules: [open] }),
    "none",
    () => undefined,
  );

  expect(() => verdictOf(told(answers), evidence)).toThrow(
    expect.objectContaining({
      code: "controls_failed",
      message: expect.stringMatching(/^2 of 10 controls do not hold: The root volume .*; Nothing but port 443 .*\.$/),
    }),
  );
});

it("asks the probe for nothing but the second plan", async () => {
  expect((await ask({ refuse: true }, "ssh", "probe")).map(({ id, verdict }) => [id, verdict])).toEqual([
    ["second-plan-empty", "passed"],
    ["checks-hold", "passed"],
  ]);
});
