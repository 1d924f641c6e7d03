import { type Directory, principalOf } from "@sluice/directory";
import { inWords, mention } from "@sluice/slack";

/** How actors are called in a private text: a person by name, somebody unjudged by their Slack user, a service by its own name. */
export function namesBy(directory: Directory | undefined): (actor: string) => string {
  return (actor) => {
    const user = /^slack:[A-Z0-9]+\/([UW][A-Z0-9]{2,30})$/.exec(actor)?.[1];
    if (user) return mention(user);
    if (actor.startsWith("service:")) return actor.slice("service:".length);
    return inWords((directory && principalOf(directory, actor)?.name) ?? actor, 60);
  };
}
