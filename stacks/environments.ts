/** Where requests land. An installation edits this file, and applies `terraform/live/environment` once in each account. */
export interface Environment {
  account: string;
  region: string;
  /** Shared with the target roles' trust policies, so that nobody else's Sluice can be pointed at them. */
  externalId: string;
  /** Slack channel that hears of its requests. */
  channel: string;
  images: Record<string, string>;
  reasonRequired: boolean;
}

export const environments: Record<string, Environment> = {
  sandbox: {
    account: "111111111111",
    region: "eu-west-1",
    externalId: "sluice-sandbox",
    channel: "C0SANDBOX01",
    images: { ubuntu: "ami-785db401" },
    reasonRequired: false,
  },
  staging: {
    account: "222222222222",
    region: "eu-west-1",
    externalId: "sluice-staging",
    channel: "C0STAGING01",
    images: { ubuntu: "ami-785db401" },
    reasonRequired: true,
  },
};

/** Slack channel in which approvers are asked. */
export const approversChannel = "C0APPROVERS";

/** The part that functions know; see `EnvironmentTable` in packages/blueprints. */
export function environmentTable() {
  return Object.fromEntries(
    Object.entries(environments).map(([name, { account, region, images, reasonRequired }]) => [
      name,
      { account, region, images, reasonRequired },
    ]),
  );
}
