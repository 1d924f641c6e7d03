import { expect, it } from "vitest";
import { doingLine, endLine } from "../src/log-lines.ts";
import { words } from "../src/masking/words.ts";

it("a build's log says what is being done, and for how long already", () => {
  expect(doingLine({ doing: words`Reading aws_vpc.main` })).toBe("Reading aws_vpc.main");
  expect(doingLine({ doing: words`Creating aws_instance.host`, seconds: 20 })).toBe("Creating aws_instance.host, 20 s");
});

it("and how it ended, in one line whatever a tool said", () => {
  const failed = { outcome: "failed", code: "terraform_failed", repeatable: true, seconds: 3, clean: true } as const;

  expect(endLine("apply", { outcome: "completed", output: {}, seconds: 3 })).toBe("apply completed");
  expect(endLine("plan", { ...failed, sentence: "main.tf line 3: no.\r\nplan completed\u2028" })).toBe(
    "plan failed (terraform_failed): main.tf line 3: no. plan completed ",
  );
});
