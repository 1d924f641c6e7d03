import type { ServiceEvent } from "../front/front.ts";
import { type Build, currentPhase, logsOf, timeoutInMinutes } from "./build.ts";

/**
 * The event that CodeBuild puts on the account's default bus when a build's status changes; `build-id` is a full ARN.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html
 */
export function stateChange(build: Build): ServiceEvent {
  const { project } = build;
  const { groupName, streamName, deepLink } = logsOf(build);
  return {
    source: "aws.codebuild",
    detailType: "CodeBuild Build State Change",
    resources: [build.arn],
    time: new Date(build.endedAt ?? build.startedAt),
    detail: {
      "build-status": build.status,
      "project-name": project.name,
      "build-id": build.arn,
      "additional-information": {
        "timeout-in-minutes": timeoutInMinutes(build),
        "build-complete": build.endedAt !== undefined,
        "build-number": build.number,
        initiator: build.initiator,
        "build-start-time": inWords(build.startedAt),
        artifact: { location: "" },
        environment: {
          image: project.environment.image,
          "privileged-mode": false,
          "compute-type": project.environment.computeType,
          type: project.environment.type,
          "environment-variables": build.variables,
        },
        source: { type: "NO_SOURCE" },
        logs: { "group-name": groupName, "stream-name": streamName, "deep-link": deepLink },
        phases: build.phases.map(({ name, startedAt, endedAt, status }) => ({
          "phase-type": name,
          "start-time": inWords(startedAt),
          ...(endedAt !== undefined && {
            "end-time": inWords(endedAt),
            "duration-in-seconds": Math.round((endedAt - startedAt) / 1000),
          }),
          ...(status && { "phase-status": status }),
          "phase-context": [],
        })),
      },
      "current-phase": currentPhase(build),
      "current-phase-context": "[]",
      version: "1",
    },
  };
}

/** `Sep 1, 2017 4:12:29 PM` in UTC, as these events write times. */
function inWords(ms: number): string {
  const words = new Intl.DateTimeFormat("en-US", {
    timeZone: "UTC",
    month: "short",
    day: "numeric",
    year: "numeric",
    hour: "numeric",
    minute: "2-digit",
    second: "2-digit",
  });
  return words
    .format(ms)
    .replace(/, (?=\d+:)/, " ")
    .replaceAll("\u202f", " ");
}
