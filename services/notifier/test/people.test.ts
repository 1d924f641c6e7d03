import { Directory, type DirectoryReading } from "@sluice/directory";
import { describe, expect, it } from "vitest";
import { peopleFrom } from "../src/adapters/people.ts";

const directoryWith = (name: string): DirectoryReading => ({
  version: "v1",
  directory: Directory.parse({
    principals: [{ id: "person_ada", name, active: true, slack: { team: "T1", user: "U1" } }],
    groups: {},
    operators: "operators",
    ask: [],
    see: [],
  }),
});

describe("names of people", () => {
  it("are read once for a burst of messages, and anew after a while", async () => {
    const clock = { now: 0 };
    const readings = [directoryWith("Ada"), directoryWith("Ada Lovelace")];
    let reads = 0;
    const people = peopleFrom(
      async () => readings[reads++],
      () => clock.now,
    );

    const names = [];
    for (clock.now of [0, 9_999, 10_000]) names.push((await people()).name("person_ada"));

    expect(names).toEqual(["Ada", "Ada", "Ada Lovelace"]);
    expect(reads).toBe(2);
  });

  it("are ids while the directory cannot be read, and names as soon as it can", async () => {
    const readings = [undefined, directoryWith("Ada")];
    const people = peopleFrom(
      async () => readings.shift(),
      () => 0,
    );

    expect((await people()).name("person_ada")).toBe("person_ada");
    expect((await people()).name("person_ada")).toBe("Ada");
  });
});
