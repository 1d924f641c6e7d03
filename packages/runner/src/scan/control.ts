import type { Json } from "../json/json.ts";

/** What an instance is, as far as controls ask. */
export type Instance = Readonly<{
  id: string;
  rootVolume: string | undefined;
  metadataTokens: string | undefined;
  metadataEndpoint: string | undefined;
  securityGroups: readonly string[];
  tags: Readonly<Record<string, string>>;
}>;

export type IngressRule = Readonly<{
  group: string;
  protocol: string;
  fromPort: number | undefined;
  toPort: number | undefined;
  ranges: readonly string[];
}>;

/** The account as the check role sees it. Each answer is about exactly what was asked; something missing throws. */
export type Account = Readonly<{
  instances(ids: readonly string[]): Promise<readonly Instance[]>;
  encryption(volumes: readonly string[]): Promise<Readonly<Record<string, boolean>>>;
  ingress(groups: readonly string[]): Promise<readonly IngressRule[]>;
  /** What carries all of these tags and is not being deleted, by ARN. */
  tagged(tags: Readonly<Record<string, string>>): Promise<readonly string[]>;
}>;

/** What a second plan says. */
export type SecondPlan = Readonly<{
  empty: boolean;
  changes: readonly string[];
  drift: readonly string[];
  /** Checks of the configuration that do not hold, in their own words. */
  failingChecks: readonly string[];
}>;

/** The apply's hosts over SSH. One that does not answer throws. */
export type Hosts = Readonly<{
  /** What each host's sshd says of its settings, names in small letters. */
  sshd(): Promise<readonly Readonly<{ host: string; settings: ReadonlyMap<string, string> }>[]>;
  /** What a playbook in check mode would change, in order. */
  wouldChange(playbook: string): Promise<readonly Readonly<{ host: string; task: string }>[]>;
  /** Ends what asking opened. */
  close(): Promise<void>;
}>;

/** What a profile's controls may ask, and of whom. */
export type Scope = Readonly<{
  environment: string;
  workspace: string;
  instances: readonly string[];
  account: Account;
  hosts: Hosts;
  secondPlan(): Promise<SecondPlan>;
}>;

/** A control's answer. `because` says in words what is wrong, for people. */
export type Finding = Readonly<{ asked: string; answered: Json; because?: string }>;

/** One thing that must hold. It passes when its finding has no `because`. */
export type Control = Readonly<{
  id: string;
  /** What must hold, as people read it. */
  title: string;
  /** Asked of a host, over SSH. Skipped where an installation has none. */
  onHosts?: true;
  ask(scope: Scope): Promise<Finding>;
}>;

/** A finding about many things: those that are wrong, each in a few words. */
export function finding(asked: string, answered: Json, wrong: readonly string[]): Finding {
  return wrong.length === 0 ? { asked, answered } : { asked, answered, because: wrong.join(", ") };
}
