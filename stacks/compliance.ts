import { buildProjects, mayStart } from "./builds.ts";
import { serviceQueue } from "./queues.ts";
import type { Release } from "./release.ts";
import { mayPublish } from "./service-function.ts";
import { alarmOnJobs, buildItems, mayMiss, ownItems, servicePath, workQueue } from "./service-path.ts";
import { jobs } from "./storage.ts";
import { buildsTables } from "./tables.ts";

/** Checks what was made: the queue, the builds' reports, the sweep, and the projects that ask. */
export function compliance(release: Release) {
  const service = "compliance";
  const reports = serviceQueue(`${service}-reports`);
  const projects = buildProjects("scan", { owner: service, reports: reports.queue, release });

  alarmOnJobs(service);

  const options = {
    wakesItself: true,
    environment: {
      BUILDS_TABLE_NAME: buildsTables[service].name,
      JOBS_BUCKET: jobs.name,
      HOSTS: "ssh",
    },
    grants: [
      ...mayPublish(service),
      ...mayStart(projects),
      ownItems(service),
      buildItems(service),
      { actions: ["s3:PutObject"], resources: [$interpolate`${jobs.arn}/inputs/*/scan/*`] },
      { actions: ["s3:GetObject", "s3:GetObjectVersion"], resources: [$interpolate`${jobs.arn}/results/*/scan/*`] },
      mayMiss(jobs, ["results/*/scan/*"]),
    ],
  };
  const target = servicePath(service, options, reports);
  workQueue(service, "reports", reports, target, options);
}
