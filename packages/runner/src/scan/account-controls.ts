import { type Control, finding, type IngressRule } from "./control.ts";

/** The root volume of every instance is encrypted. */
export const rootVolumeEncrypted: Control = {
  id: "root-volume-encrypted",
  title: "The root volume is encrypted",
  async ask({ account, instances }) {
    const found = await account.instances(instances);
    const volumes = found.flatMap(({ rootVolume }) => rootVolume ?? []);
    const encryption = await account.encryption(volumes);
    const wrong = found
      .filter(({ rootVolume }) => !rootVolume || encryption[rootVolume] !== true)
      .map(({ id, rootVolume }) => `${rootVolume ?? "no root volume"} of ${id}`);
    return finding("ec2:DescribeInstances, ec2:DescribeVolumes", { encrypted: encryption }, wrong);
  },
};

/** IMDSv2: a metadata answer needs a session token, so a forged request from inside gets no credentials. */
export const metadataTokensRequired: Control = {
  id: "metadata-tokens-required",
  title: "Instance metadata asks for a token (IMDSv2)",
  async ask({ account, instances }) {
    const found = await account.instances(instances);
    return finding(
      "ec2:DescribeInstances",
      found.map(({ id, metadataTokens, metadataEndpoint }) => ({
        id,
        tokens: metadataTokens ?? null,
        endpoint: metadataEndpoint ?? null,
      })),
      found
        .filter(
          ({ metadataTokens, metadataEndpoint }) => metadataTokens !== "required" && metadataEndpoint !== "disabled",
        )
        .map(({ id, metadataTokens }) => `${id} says ${metadataTokens ?? "nothing"}`),
    );
  },
};

const ANYWHERE = ["0.0.0.0/0", "::/0"];
const HTTPS = 443;

/** Nothing but HTTPS may be reached from everywhere. */
export const onlyHttpsFromAnywhere: Control = {
  id: "only-https-from-anywhere",
  title: "Nothing but port 443 is open to the internet",
  async ask({ account, instances }) {
    const groups = (await account.instances(instances)).flatMap(({ securityGroups }) => securityGroups);
    const rules = await account.ingress([...new Set(groups)].sort());
    const open = rules.filter(({ ranges }) => ranges.some((range) => ANYWHERE.includes(range)));
    return finding(
      "ec2:DescribeInstances, ec2:DescribeSecurityGroups",
      rules.map(({ group, protocol, fromPort, toPort, ranges }) => ({
        group,
        protocol,
        fromPort: fromPort ?? null,
        toPort: toPort ?? null,
        ranges: [...ranges],
      })),
      open.filter((rule) => !isHttps(rule)).map(describe),
    );
  },
};

function isHttps({ protocol, fromPort, toPort }: IngressRule): boolean {
  return protocol === "tcp" && fromPort === HTTPS && toPort === HTTPS;
}

function describe({ group, protocol, fromPort, toPort }: IngressRule): string {
  const what =
    protocol === "-1" ? "everything" : `${protocol} ${fromPort === toPort ? fromPort : `${fromPort}–${toPort}`}`;
  return `${group} lets in ${what}`;
}

/** The tags by which people and sweeps find what belongs to whom. */
export const requiredTags: Control = {
  id: "required-tags",
  title: "The tags environment, workspace and owner are set",
  async ask({ account, instances, environment, workspace }) {
    const found = await account.instances(instances);
    return finding(
      "ec2:DescribeInstances",
      found.map(({ id, tags }) => ({ id, tags: { ...tags } })),
      found.flatMap(({ id, tags }) => [
        ...(tags.environment === environment ? [] : [`environment of ${id}`]),
        ...(tags.workspace === workspace ? [] : [`workspace of ${id}`]),
        ...(tags.owner ? [] : [`owner of ${id}`]),
      ]),
    );
  },
};

/** Nothing of the workspace is left in the account, whatever the state says: what costs and what could be reached is gone. */
export const nothingTagged: Control = {
  id: "nothing-tagged",
  title: "Nothing in the account belongs to the workspace",
  async ask({ account, environment, workspace }) {
    const left = await account.tagged({ environment, workspace });
    return finding("tag:GetResources, ec2:DescribeInstances", [...left], left);
  },
};
