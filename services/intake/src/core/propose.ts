import { isPerson, personOf, principalOf } from "@sluice/directory";
import { type EventOf, type PartnerProposal, RequestId, type RequestProposed } from "@sluice/events";
import { digestOf, sha256Of } from "@sluice/steps";
import { quoted } from "@sluice/text";
import { type Asker, isRefusal, judgeProposal, type Proposal, type ProposalRefusal } from "./judge-proposal.ts";
import { owedAtEnd, owedWhenAccepted, refusedEnd } from "./owed.ts";
import type { Partner, Ports } from "./ports.ts";
import { quotaRefusal, type UsedUp, withProposal, withRequest } from "./quotas.ts";
import { isAccepted, type RequestRecord } from "./record.ts";
import { refuseForNow, refuseSender, type Sender } from "./refuse-proposal.ts";
import { changeUsed, giveBackUnused } from "./use-quota.ts";
import { nextLook } from "./watch.ts";

/**
 * Takes up what a person proposed, or refuses it; both are kept, so that the same proposal gets the same answer however often it comes.
 * Another content under the same id is refused to its sender, and the request is left as it is.
 */
export async function proposeByPerson(
  ports: Ports,
  { data, metadata }: EventOf<typeof RequestProposed>,
): Promise<void> {
  const { who, signedAt, ...proposal } = data;
  const directory = await ports.directory();
  const person = directory && personOf(directory, who);
  const sender = {
    who,
    cause: { cause: metadata.id, causationId: metadata.id, actor: `slack:${who.team}/${who.user}` },
    askedAt: Date.parse(signedAt),
  };
  await propose(ports, proposal, sender, person ? { requester: person.id, isPartner: false } : unknownPerson);
}

/**
 * Takes up what another system proposed. Whom it is follows from the allow-list alone, whatever it says itself; `onBehalfOf` names a person who counts as
 * requester and gains no right. Off the list, or with another's source: refused and kept.
 */
export async function proposeByPartner(
  ports: Ports,
  from: Readonly<{ account: string; source: string; proposal: PartnerProposal["data"] }>,
): Promise<void> {
  const { account, source } = from;
  const { reference, onBehalfOf, ...content } = from.proposal;
  const request = partnerRequest(account, source, reference);
  const proposal = { request, ...content };
  const partner = ports.partners.find((each) => each.account === account && each.source === source);
  const sender = {
    ...(partner && { partner }),
    source,
    cause: { cause: `${account} ${source} ${reference} ${digestOf(from.proposal)}`, actor: "service:intake" },
    askedAt: ports.now(),
  };
  if (!partner?.blueprints.includes(proposal.blueprint)) {
    const what = partner ? `may not ask for ${quoted(proposal.blueprint, 40)}` : "is not on the list of partners";
    const content = sha256Of(sender.cause.cause).slice(0, 26); // It has no record; the same content counts once.
    if (partner && (await countProposal(ports, partner, content))) return refuseForNow(ports, proposal, sender);
    return refuseSender(ports, proposal, sender, {
      code: "partner_not_allowed",
      sentence: `${source} of account ${account} ${what}.`,
    });
  }
  await propose(ports, proposal, sender, await partnerAsker(ports, partner, onBehalfOf));
}

/** The same reference of the same partner is the same request. */
function partnerRequest(account: string, source: string, reference: string): RequestId {
  return RequestId.parse(`req_${sha256Of([account, source, reference].join("\n")).slice(0, 26)}`);
}

const unknownPerson: ProposalRefusal = {
  code: "unknown_person",
  sentence: "Sluice does not know you, or your access has ended. Ask the platform team to add you to the directory.",
};

async function partnerAsker(
  ports: Ports,
  { principal }: Partner,
  onBehalfOf: string | undefined,
): Promise<Asker | ProposalRefusal> {
  const directory = await ports.directory();
  const system = directory && principalOf(directory, principal);
  if (!system) return { code: "unknown_partner", sentence: `The directory knows no active ${principal}.` };
  if (onBehalfOf === undefined) return { requester: system.id, isPartner: true };
  const person = principalOf(directory, onBehalfOf);
  return person && isPerson(person.id)
    ? { requester: system.id, onBehalfOf: person.id, isPartner: true }
    : { code: "unknown_person", sentence: "The directory knows no active person of that id.", field: "onBehalfOf" };
}

async function propose(
  ports: Ports,
  proposal: Proposal,
  sender: Sender,
  asker: Asker | ProposalRefusal,
): Promise<void> {
  const { request, ...content } = proposal;
  const from = sender.who ?? sender.source;
  const digest = digestOf({ from, ...content });
  const there = await ports.store.request(request);
  const record = there ?? (await keep(ports, await judged(ports, proposal, sender, asker, digest), proposal, sender));
  if (!record) return refuseForNow(ports, proposal, sender);

  if (!isRefused(asker) && isPerson(asker.requester)) await giveBackUnused(ports, record, asker.requester);
  if (record.proposal !== digest)
    return refuseSender(ports, proposal, sender, {
      code: "other_content",
      sentence: "This was already sent with other content. The request that it made is as it was.",
    });
  if (!isAccepted(record)) return ports.publish(owedAtEnd(record));
  if (!record.end) await ports.publish(owedWhenAccepted(record)); // An ended one was accepted long ago: a late proposal changes nothing.
}

/**
 * Counts a judged proposal and keeps it, in this order: should we die in between, it comes again and is counted already. Of a person who has used theirs up its refusal
 * is kept; of another system nothing is, and it may come again.
 */
async function keep(
  ports: Ports,
  record: RequestRecord,
  proposal: Proposal,
  sender: Sender,
): Promise<RequestRecord | undefined> {
  const { store, quotas, now } = ports;
  const { partner } = sender;
  const usedUp = await count(ports, record, partner);
  if (!usedUp) return store.putIfAbsent(record);
  if (partner) return undefined;

  const { itinerary: _, dueAt: __, ...judgedRecord } = record;
  return store.putIfAbsent(refusedRecord(judgedRecord, quotaRefusal(usedUp, quotas, now()), proposal, sender, now()));
}

/** Of a person what was accepted counts, of another system everything. */
async function count(ports: Ports, record: RequestRecord, partner: Partner | undefined): Promise<UsedUp | undefined> {
  if (partner) return countProposal(ports, partner, record.request);
  if (!isAccepted(record)) return undefined;
  const { request, itinerary } = record;
  return changeUsed(ports, itinerary.requester, (used) => withRequest(used, request, ports.quotas, ports.now()));
}

function countProposal(ports: Ports, { principal }: Partner, proposal: string): Promise<UsedUp | undefined> {
  return changeUsed(ports, principal, (used) => withProposal(used, proposal, ports.quotas, ports.now()));
}

function refusedRecord(
  record: RequestRecord,
  refusal: ProposalRefusal,
  { request, environment }: Proposal,
  { who, cause }: Sender,
  at: number,
): RequestRecord {
  const about = { cause, at, actor: cause.actor, environment, ...(who && { who }) };
  return { ...record, end: refusedEnd(request, refusal, about) };
}

async function judged(
  ports: Ports,
  proposal: Proposal,
  sender: Sender,
  asker: Asker | ProposalRefusal,
  digest: RequestRecord["proposal"],
): Promise<RequestRecord> {
  const now = ports.now();
  const { who, cause, askedAt } = sender;
  const record = {
    request: proposal.request,
    version: 1,
    proposal: digest,
    cause: { ...cause, actor: "service:intake" },
    ...(who && { who }),
    askedAt,
    repeats: [],
  };
  const { environments, code } = ports;
  const itinerary = isRefused(asker)
    ? asker
    : judgeProposal(proposal, asker, askedAt, { directory: await ports.directory(), environments, code });
  return isRefusal(itinerary)
    ? refusedRecord(record, itinerary, proposal, sender, now)
    : { ...record, itinerary, dueAt: nextLook(undefined, now) };
}

function isRefused(asker: Asker | ProposalRefusal): asker is ProposalRefusal {
  return "code" in asker;
}
