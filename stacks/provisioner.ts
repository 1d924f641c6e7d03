import { alarmOnCount } from "./alarms.ts";
import { buildProjects, mayStart } from "./builds.ts";
import { grantKey } from "./keys.ts";
import { serviceQueue } from "./queues.ts";
import type { Release } from "./release.ts";
import { mayPublish } from "./service-function.ts";
import { ownItems, servicePath, workQueue } from "./service-path.ts";
import { directory, jobs } from "./storage.ts";

/** Plans, applies and configures: the queue, the builds' reports, the sweep, and the projects that do the work. */
export function provisioner(release: Release) {
  const service = "provisioner";
  const reports = serviceQueue(`${service}-reports`);
  const projects = [
    ...buildProjects("plan", { owner: service, reports: reports.queue, release }),
    ...buildProjects("apply", { owner: service, reports: reports.queue, release }),
    ...buildProjects("configuration", { owner: service, reports: reports.queue, release }),
  ];

  alarmOnCount("PlanContradicted", service, {
    metricName: "PlanContradicted",
    description:
      "A build that planned has shown or counted something else than its plan is. Nothing was applied: look at that build's code and log before anybody plans there again.",
  });

  const options = {
    wakesItself: true,
    environment: {
      DIRECTORY_BUCKET: directory.name,
      JOBS_BUCKET: jobs.name,
      GRANT_KEY_ARN: grantKey.arn,
      HOSTS: "ssh",
    },
    grants: [
      ...mayPublish(service),
      ...mayStart(projects),
      ownItems(service),
      { actions: ["s3:PutObject", "s3:GetObject"], resources: [$interpolate`${jobs.arn}/inputs/*`] },
      {
        actions: ["s3:GetObject", "s3:GetObjectVersion"],
        resources: ["plan", "apply", "configuration"].map((kind) => $interpolate`${jobs.arn}/results/*/${kind}/*`),
      },
      // Without it a missing object is answered as forbidden, and "not there" cannot be told from "not allowed".
      { actions: ["s3:ListBucket"], resources: [jobs.arn] },
      { actions: ["s3:GetObject"], resources: [$interpolate`${directory.arn}/directory.json`] },
      { actions: ["kms:GetPublicKey"], resources: [grantKey.arn] },
    ],
  };
  const target = servicePath(service, options, reports);
  workQueue(service, "reports", reports, target, options);
}
