import type { People } from "@sluice/words";

/** How what only has an id is told to a reader: people by name, a build by the page with its log. */
export type Reader = Readonly<{ people: People; logUrl(build: string): string }>;
