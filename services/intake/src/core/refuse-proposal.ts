import { ProposalRefused, type SlackIdentity } from "@sluice/events";
import { type Cause, type Owed, owe } from "@sluice/steps";
import type { Proposal, ProposalRefusal } from "./judge-proposal.ts";
import { ownFact } from "./owed.ts";
import type { Partner, Ports } from "./ports.ts";
import { quotaRefusal } from "./quotas.ts";

/** Who sent a proposal: a person, or another system, by its source and as the list of partners has it. `askedAt` is in milliseconds since 1970. */
export type Sender = Readonly<{
  who?: SlackIdentity;
  partner?: Partner;
  source?: string;
  cause: Cause;
  askedAt: number;
}>;

/** Tells the sender, keeps it for the record, and closes nothing. */
export async function refuseSender(
  ports: Ports,
  proposal: Proposal,
  sender: Sender,
  refusal: ProposalRefusal,
): Promise<void> {
  const refused = owedRefusal(proposal, sender, refusal);
  await ports.store.keep(ownFact(refused, ports.now()));
  await ports.publish([refused]);
}

/** Another system has used up this hour's proposals. Nothing is kept of this one, so that it may come again and fills nothing. */
export async function refuseForNow({ publish, quotas, now }: Ports, proposal: Proposal, sender: Sender): Promise<void> {
  await publish([owedRefusal(proposal, sender, quotaRefusal("proposals", quotas, now(), sender.source))]);
}

function owedRefusal(
  { request, environment }: Proposal,
  { who, source, cause }: Sender,
  { code, sentence }: ProposalRefusal,
): Owed {
  const data = {
    request,
    environment,
    code,
    sentence,
    ...(who && { who }),
    ...(source && { partner: source.slice(0, 60) }),
  };
  return owe(ProposalRefused, request, data, cause);
}
