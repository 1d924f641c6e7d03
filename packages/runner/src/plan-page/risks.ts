import type { ChangedLeaf, ResourceEntry } from "../change/change-list.ts";
import { type Path, pathText } from "../change/leaves.ts";
import type { Exact } from "../json/exact-json.ts";
import { type RiskCode, riskCodes, type ShownResource } from "./page.ts";

type Risk = NonNullable<ShownResource["risks"]>[number];

/**
 * What an approver must not overlook about one resource, each once by code and attribute. A table of ours about AWS's types: it warns, and passes nothing.
 * A hidden or unknown value of a security kind is one too: it is approved unseen.
 */
export function risksOf({ resource: { type }, action, leaves, gone = [] }: ResourceEntry): Risk[] {
  if (action === "read") return [];
  const found = [
    ...(holdsData.has(type) && (action === "destroy" || action === "replace") ? [{ code: "data_lost" as const }] : []),
    ...(type.startsWith("aws_iam_") ? [{ code: "iam" as const }] : []),
    ...leaves.flatMap((leaf) => risksOfLeaf(type, leaf)),
    ...gone.flatMap(({ path, before }) =>
      before?.hidden && isSecurity(path) ? [{ code: "security_hidden" as const, path: topOf(path) }] : [],
    ),
  ];
  const each = new Map(found.map((risk) => [JSON.stringify(risk), risk]));
  return [...each.values()].sort((one, other) => riskCodes.indexOf(one.code) - riskCodes.indexOf(other.code));
}

function risksOfLeaf(type: string, { path, before, after, unknown }: ChangedLeaf): Risk[] {
  const at = (code: RiskCode): Risk => ({ code, path: topOf(path) });
  const security = isSecurity(path);
  return [
    ...(security && unknown ? [at("security_unknown")] : []),
    ...(security && (before?.hidden || after?.hidden) ? [at("security_hidden")] : []),
    ...(after && !after.hidden && isOpen(type, path, after.value) ? [at("open_to_internet")] : []),
    ...(after && !after.hidden && isPublic(path, after.value) ? [at("public")] : []),
    ...(after && givesRights.has(nameOf(path)) && after.value !== null ? [at("iam")] : []),
  ];
}

const ANYWHERE: readonly Exact[] = ["0.0.0.0/0", "::/0"];

/** Rules for what comes in: of their own, inside a group, or of either way. */
function isOpen(type: string, path: Path, value: Exact): boolean {
  if (!ANYWHERE.includes(value)) return false;
  return (
    type === "aws_vpc_security_group_ingress_rule" || type === "aws_security_group_rule" || nameOf(path) === "ingress"
  );
}

function isPublic(path: Path, value: Exact): boolean {
  const name = nameOf(path);
  if (value === true)
    return ["publicly_accessible", "associate_public_ip_address", "map_public_ip_on_launch"].includes(name);
  if (value === false)
    return [
      "block_public_acls",
      "block_public_policy",
      "ignore_public_acls",
      "restrict_public_buckets",
      "internal",
    ].includes(name);
  return name === "acl" && typeof value === "string" && value.startsWith("public-");
}

const givesRights: ReadonlySet<string> = new Set([
  "iam_instance_profile",
  "assume_role_policy",
  "permissions_boundary",
]);

/** Roles, policies, networks, and what a machine runs when it starts: by the attribute's own name, whatever its type. */
const securityNames: ReadonlySet<string> = new Set([
  "acl",
  "assume_role_policy",
  "cidr_blocks",
  "cidr_ipv4",
  "cidr_ipv6",
  "egress",
  "execution_role_arn",
  "iam_instance_profile",
  "iam_role_arn",
  "ingress",
  "inline_policy",
  "ipv6_cidr_blocks",
  "managed_policy_arns",
  "metadata_options",
  "network_configuration",
  "permissions_boundary",
  "policy",
  "policy_arn",
  "principal",
  "referenced_security_group_id",
  "role",
  "role_arn",
  "security_group_id",
  "security_group_ids",
  "security_groups",
  "source_security_group_id",
  "subnet_id",
  "subnet_ids",
  "subnets",
  "task_role_arn",
  "user_data",
  "user_data_base64",
  "vpc_config",
  "vpc_id",
  "vpc_security_group_ids",
]);

/** Destroying or replacing one of these loses what people have put into it. */
const holdsData: ReadonlySet<string> = new Set([
  "aws_backup_vault",
  "aws_cloudwatch_log_group",
  "aws_db_instance",
  "aws_docdb_cluster",
  "aws_dynamodb_table",
  "aws_ebs_volume",
  "aws_ecr_repository",
  "aws_efs_file_system",
  "aws_elasticache_cluster",
  "aws_elasticache_replication_group",
  "aws_fsx_lustre_file_system",
  "aws_instance",
  "aws_kinesis_stream",
  "aws_kms_key",
  "aws_neptune_cluster",
  "aws_opensearch_domain",
  "aws_rds_cluster",
  "aws_redshift_cluster",
  "aws_s3_bucket",
  "aws_secretsmanager_secret",
  "aws_sqs_queue",
  "aws_ssm_parameter",
]);

function isSecurity(path: Path): boolean {
  return securityNames.has(nameOf(path));
}

function nameOf([name]: Path): string {
  return String(name ?? "");
}

function topOf(path: Path): string {
  return pathText(path.slice(0, 1));
}
