import { type Interaction, isOrgWide, type SlashCommand } from "@sluice/slack";

/** Why somebody whom Slack vouches for is not let in. */
export type Stranger = "another_team" | "org_wide_install";

/** What they are told, privately. */
export const STRANGER: Readonly<Record<Stranger, string>> = {
  another_team: "Sluice is installed in another Slack workspace than yours. Nothing was changed.",
  org_wide_install:
    "Sluice is installed here for a whole Slack organisation, and works only where it is installed in one workspace. Tell the platform team. Nothing was changed.",
};

/**
 * Whether who is at the door belongs to another workspace than ours. In a shared channel a message of ours is pressed in our workspace by people of others,
 * so that the person's own workspace counts too. In an Enterprise organisation Slack names the organisation in its place: then it must be the one that our
 * workspace is in, and who of it may do what is the directory's to say, since a user id is one person in all of it.
 *
 * Source: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
 */
export function strangerTo(ours: string, come: SlashCommand | Interaction): Stranger | undefined {
  if (isOrgWide(come)) return "org_wide_install";
  if ("command" in come) return come.team_id === ours ? undefined : "another_team";
  const { team, user } = come;
  if (team?.id !== ours) return "another_team";
  const isOfOurs = !user.team_id || [ours, team.enterprise_id].includes(user.team_id);
  return isOfOurs ? undefined : "another_team";
}
