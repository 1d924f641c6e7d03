import { onProposal } from "@sluice/doors";
import { RequestProposed } from "@sluice/events";
import { proposeByPartner, proposeByPerson } from "../core/propose.ts";
import { deps } from "../deps.ts";

export const onRequestProposed = onProposal(
  RequestProposed,
  (event) => proposeByPerson(deps, event),
  (event) => proposeByPartner(deps, event),
);
