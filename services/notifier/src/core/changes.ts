import type { PlanOutput, PlanRisk } from "@sluice/events";
import { code, exactCode, fitting } from "@sluice/slack";
import { listOf } from "@sluice/text";
import { numbered } from "@sluice/words";
import type * as z from "zod";

type Risk = z.infer<typeof PlanRisk>;
type Summary = PlanOutput["summary"];

/**
 * What is approved, one line each, of at most 2,900: what an approver must not overlook; what is taken away, never folded; what nobody knows of; then counts.
 *
 * @param after what follows it without another approval
 */
export function changesInWords({ summary, seen }: PlanOutput, after: readonly string[]): string[] {
  const { risks, destroys, replaces, orphans, counts } = summary;
  return [
    ...risks.map((risk) => `*! ${riskWords[risk.code](risk.count)}:* ${addressesInWords(risk)}`),
    ...(destroys.count ? [`*− destroys ${destroys.count}:* ${addressesInWords(destroys)}`] : []),
    ...(replaces.count ? [`*± replaces ${replaces.count}:* ${addressesInWords(replaces)}`] : []),
    ...(counts.forget
      ? [`*− forgets ${counts.forget}:* they stay in the account and Terraform no longer knows them`]
      : []),
    ...(orphans.count
      ? [
          `*${orphans.count} in the account that no state knows*, left by a killed apply: ${addressesInWords(orphans)}. Delete them by hand and plan again, or they stay.`,
        ]
      : []),
    restInWords(summary),
    ...seenInWords(seen),
    ...after,
  ];
}

const unseen = "a value of a role, policy or network is";
const riskWords: Readonly<Record<Risk["code"], (count: number) => string>> = {
  data_lost: (count) => `loses the data of ${count}`,
  open_to_internet: (count) => `opens ${count} to the internet`,
  public: (count) => `makes ${count} public`,
  iam: (count) => `decides who may do what, in ${count}`,
  security_hidden: (count) => `${unseen} hidden, in ${count}`,
  security_unknown: (count) => `${unseen} known only after apply, in ${count}`,
};

/** What takes nothing away. Nothing is counted as none where something of another sort happens. */
function restInWords({ empty, counts }: Summary): string {
  if (empty) return "No changes to infrastructure";
  const { add, replace, change, destroy, forget, move, read, output } = counts;
  const others = [
    ...(counts.import ? [`imports ${counts.import}`] : []),
    ...(move ? [move === 1 ? "1 moves" : `${move} move`] : []),
    ...(read ? [`reads ${numbered(read, "data source")}`] : []),
    ...(output ? [output === 1 ? "1 output changes" : `${output} outputs change`] : []),
  ];
  const onlyOthers = others.length > 0 && add + change + destroy + forget === 0;
  return [...(onlyOthers ? [] : [`+ adds ${Math.max(0, add - replace)}`, `~ changes ${change}`]), ...others].join(
    "     ",
  );
}

/** What was true when the plan was made; nobody approves it, and it may say why the plan is as it is. */
function seenInWords({ failingChecks, warnings }: PlanOutput["seen"]): string[] {
  const told = [
    ...(failingChecks
      ? [`${numbered(failingChecks, "check")} of the code ${failingChecks === 1 ? "fails" : "fail"}`]
      : []),
    ...(warnings ? [numbered(warnings, "warning")] : []),
  ];
  return told.length > 0 ? [`When it was planned: ${told.join(", ")}. _See plan_ has the words.`] : [];
}

/** The summary's addresses have at most 120 bytes; one that takes far more, once it can be read, is cut. */
function addressesInWords({ count, first }: Summary["destroys"]): string {
  return listOf(first.map(addressInWords), count);
}

const ADDRESS_UNITS = 260;

function addressInWords(address: string): string {
  const whole = exactCode(address);
  return whole.length <= ADDRESS_UNITS ? whole : fitting((n) => code(address, n), 120, ADDRESS_UNITS);
}
