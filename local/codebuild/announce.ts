import type { Front } from "../front/front.ts";
import type { Build } from "./build.ts";
import { FaultList } from "./fault-list.ts";
import { stateChange } from "./state-change.ts";

/** What happens to an event of a build instead of being sent once. A function sends it when it likes, or never. */
export interface EventFault {
  readonly name: string;
  readonly matches: (build: Build) => boolean;
  readonly do: "lose" | "double" | ((send: () => Promise<void>) => void | Promise<void>);
  /** How many events it hits; all when absent. */
  readonly times?: number;
}

/** Tells the default bus of a build's status as it is now, unless a fault decides otherwise. */
export function announcer(front: Pick<Front, "publishAsService">) {
  const faults = new FaultList<EventFault>();
  const announce = async (build: Build): Promise<void> => {
    const event = stateChange(build);
    const send = () => front.publishAsService([event]);
    const fate = faults.take((each) => each.matches(build))?.do;
    if (fate === "lose") return;
    if (typeof fate === "function") return fate(send);
    await send();
    if (fate === "double") await send();
  };
  return { announce, faults };
}
