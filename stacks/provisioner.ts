import { alarmOnCount } from "./alarms.ts";
import { buildProjects, mayStart } from "./builds.ts";
import { grantKey } from "./keys.ts";
import { serviceQueue } from "./queues.ts";
import type { Release } from "./release.ts";
import { mayPublish } from "./service-function.ts";
import { alarmOnJobs, buildItems, mayMiss, ownItems, servicePath, workQueue } from "./service-path.ts";
import { directory, jobs } from "./storage.ts";
import { buildsTables } from "./tables.ts";

/** Plans, applies and configures: the queue, the builds' reports, the sweep, and the projects that do the work. */
export function provisioner(release: Release) {
  const service = "provisioner";
  const reports = serviceQueue(`${service}-reports`);
  const kinds = ["plan", "apply", "configuration"] as const;
  const projects = kinds.flatMap((kind) => buildProjects(kind, { owner: service, reports: reports.queue, release }));

  alarmOnCount("PlanContradicted", service, {
    metricName: "PlanContradicted",
    description:
      "A build that planned has shown or counted something else than its plan is. Nothing was applied: look at that build's code and log before anybody plans there again.",
  });

  alarmOnJobs(service);

  const options = {
    wakesItself: true,
    environment: {
      DIRECTORY_BUCKET: directory.name,
      BUILDS_TABLE_NAME: buildsTables[service].name,
      JOBS_BUCKET: jobs.name,
      GRANT_KEY_ARN: grantKey.arn,
      HOSTS: "ssh",
    },
    grants: [
      ...mayPublish(service),
      ...mayStart(projects),
      ownItems(service),
      buildItems(service),
      { actions: ["s3:PutObject"], resources: kinds.map((kind) => $interpolate`${jobs.arn}/inputs/*/${kind}/*`) },
      {
        actions: ["s3:GetObject", "s3:GetObjectVersion"],
        resources: kinds.map((kind) => $interpolate`${jobs.arn}/results/*/${kind}/*`),
      },
      mayMiss(
        jobs,
        kinds.map((kind) => `results/*/${kind}/*`),
      ),
      { actions: ["s3:GetObject"], resources: [$interpolate`${directory.arn}/directory.json`] },
      { actions: ["kms:GetPublicKey"], resources: [grantKey.arn] },
    ],
  };
  const target = servicePath(service, options, reports);
  workQueue(service, "reports", reports, target, options);
}
