/**
 * Runs in the copy that `contributing.test.ts` makes, where blueprint `bucket` has a validation behind its apply. A bucket is applied and leaves no host, so
 * the validation fails. Prints what intake published because of it, and in the hours after it.
 */
import { WorkspaceReleased } from "@sluice/events";
import { hear } from "../../../services/intake/src/core/hear.ts";
import { lookAgain } from "../../../services/intake/src/core/look-again.ts";
import { proposeByPerson } from "../../../services/intake/src/core/propose.ts";
import { heardBack, world as intakeWorld, MINUTE, proposed, request } from "../../../services/intake/test/factories.ts";
import { validationStep } from "../../../services/provisioner/src/core/validation-step.ts";
import { accepted, applied, planned } from "../../../services/provisioner/test/core/walk.ts";
import { world as provisionerWorld } from "../../../services/provisioner/test/factories.ts";

WorkspaceReleased.data.parse(WorkspaceReleased.example);

const intake = intakeWorld();
await proposeByPerson(intake.ports, proposed({ blueprint: "bucket", parameters: { name: "reports" } }));
const itinerary = intake.store.records.get(request)?.itinerary;
if (!itinerary) throw new Error("Blueprint bucket was not accepted");

const provisioner = provisionerWorld();
await accepted(provisioner, itinerary);
await applied(provisioner, itinerary, await planned(provisioner, itinerary));
const asked = provisioner.published.find(({ type }) => type === "validation.requested.v1");
if (!asked) throw new Error("Nobody asked for the validation");
await validationStep(provisioner.ports, {
  type: asked.type,
  metadata: { id: asked.id, actor: asked.actor },
  data: asked.data as Parameters<typeof validationStep>[1]["data"],
});

intake.take();
for (const event of provisioner.published) await hear(intake.ports, heardBack(event, intake.clock.now));
for (let look = 0; look < 6; look++) {
  intake.clock.now += 20 * MINUTE;
  await lookAgain(intake.ports, request);
}
console.log(JSON.stringify(intake.published));
