import type { Cloud } from "../../local/cloud/start-cloud.ts";

/** An event as it was put on the bus. */
export interface Published {
  source: string;
  type: string;
  request: string;
  id: string;
  detail: { metadata: Record<string, unknown>; data: Record<string, unknown> };
}

/** How long a run may take before it counts as stuck. A clean probe takes 10 s; this is for a machine that has much else to do. */
export const STUCK_AFTER_MS = 240_000;

export type Heard = ReturnType<typeof listen>;

/** Everything that was put on the bus and taken, in order. */
export function listen(cloud: Cloud) {
  const all: Published[] = [];
  const waiting = new Set<() => void>();
  cloud.front.faults.addLasting({
    name: "a test listens to events",
    when: "after",
    matches: ({ service, action }) => service === "events" && action === "PutEvents",
    do: ({ body }) => {
      const { Entries = [] } = (body ?? {}) as { Entries?: { Source: string; DetailType: string; Detail: string }[] };
      for (const { Source, DetailType, Detail } of Entries) {
        const detail = parsed(Detail);
        const { id = "", correlationId = "" } = (detail?.metadata ?? {}) as { id?: string; correlationId?: string };
        if (detail) all.push({ source: Source, type: DetailType, request: correlationId, id, detail });
      }
      for (const look of [...waiting]) look();
    },
  });
  return {
    all,
    of: (request: string, type?: string) =>
      all.filter((event) => event.request === request && (!type || event.type === type)),
    waitFor(what: string, matches: (event: Published) => boolean, deadlineMs = STUCK_AFTER_MS): Promise<Published> {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(look);
          const tail = all.slice(-12).map(({ type, request }) => `${type} ${request}`);
          reject(new Error(`${what} was not heard within ${deadlineMs} ms. The last events:\n  ${tail.join("\n  ")}`));
        }, deadlineMs);
        const look = () => {
          const found = all.find(matches);
          if (!found) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      });
    },
  };
}

function parsed(text: string): Published["detail"] | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // A hostile event that is not JSON is nothing to listen to.
  }
}
