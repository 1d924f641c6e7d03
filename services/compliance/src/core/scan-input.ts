import { apply, type Itinerary, plan, type StepName, scan } from "@sluice/events";
import { type Hosts, type JobStore, jobIdOf, keptSlip, type RequestItem, ScanInput, stepOfKey } from "@sluice/jobs";
import { appliedOf } from "./applied.ts";

/** What a scan's builds are told: the root of the plan that was applied, for the second plan, and our own copy of what the apply left. */
export async function scanInput(store: JobStore, item: RequestItem, key: string, hosts: Hosts): Promise<ScanInput> {
  const ref = stepOfKey(key);
  const { environment, request, workspace } = item;
  const { itinerary, log } = await keptSlip(store, item, ref);
  const { profile, of } = scan.config.parse(configOf(itinerary, ref.step));
  const attempt = log.find(({ step }) => step === of)?.attempt ?? 0;
  const applied = await appliedOf(store, { request, step: of, attempt });
  return ScanInput.parse({
    ...ref,
    kind: "scan",
    job: jobIdOf({ request, ...ref }),
    request,
    environment,
    workspace,
    itinerary: item.digest,
    release: itinerary.code,
    subject: itinerary.subject,
    profile,
    ...plan.config.parse(configOf(itinerary, apply.config.parse(configOf(itinerary, of)).plan)),
    variables: itinerary.parameters,
    outputs: applied?.outputs,
    hosts,
  });
}

function configOf({ steps }: Itinerary, step: StepName): unknown {
  return steps.find(({ name }) => name === step)?.config;
}
