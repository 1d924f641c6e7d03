/** What every build may change: its log. */
export const everyBuild = ["logs:CreateLogStream its own log", "logs:PutLogEvents its own log"];
const JOB = (owner: string, kind: string) =>
  `dynamodb:UpdateItem table ${owner}-builds: \`<environment>#job#${kind}#*\``;
const RESULTS = (kind: string) => `s3:PutObject bucket jobs: \`results/<environment>/${kind}/*\``;
const TARGET = (role: string) =>
  ["AssumeRole", "TagSession"].map((action) => `sts:${action} role sluice-${role} in the account of \`<environment>\``);
/** What each kind of build may change, in its environment. Whoever widens it changes this list, and says why. */
export const mayChange: Record<string, string[]> = {
  "plan-<environment>": [
    JOB("provisioner", "plan"),
    RESULTS("plan"),
    "s3:PutObject bucket jobs: `digest-keys/<environment>/*`",
    "s3:PutObject bucket states: `<environment>/*.tflock`",
    "s3:DeleteObject bucket states: `<environment>/*.tflock`",
    "sqs:SendMessage queue provisioner-reports",
    ...TARGET("plan"),
  ],
  "apply-<environment>": [
    JOB("provisioner", "apply"),
    "dynamodb:UpdateItem table provisioner-builds: `<environment>#workspace#*`",
    "dynamodb:PutItem table provisioner-builds: `<environment>#grant#*`",
    RESULTS("apply"),
    "s3:PutObject bucket states: `<environment>/*`",
    "s3:DeleteObject bucket states: `<environment>/*.tflock`",
    "sqs:SendMessage queue provisioner-reports",
    ...TARGET("apply"),
  ],
  "configure-<environment>": [
    JOB("provisioner", "configuration"),
    RESULTS("configuration"),
    "sqs:SendMessage queue provisioner-reports",
    ...TARGET("configure"),
  ],
  "check-<environment>": [
    JOB("compliance", "scan"),
    RESULTS("scan"),
    "sqs:SendMessage queue compliance-reports",
    ...TARGET("check"),
  ],
};
