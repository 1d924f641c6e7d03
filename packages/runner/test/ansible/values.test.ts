import fc from "fast-check";
import { expect, it } from "vitest";
import { asText } from "../../src/ansible/values.ts";

it("marks every string, however deep, and changes nothing else", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const bare = JSON.parse(JSON.stringify(asText(value)), (_, each) =>
        typeof each === "object" && each !== null && "__ansible_unsafe" in each ? each.__ansible_unsafe : each,
      );
      const strings = (of: unknown) => [...JSON.stringify(of).matchAll(/"__ansible_unsafe":/g)].length;
      let count = 0;
      JSON.stringify(value, (_, each) => {
        if (typeof each === "string") count += 1;
        return each;
      });

      expect(bare).toEqual(JSON.parse(JSON.stringify(value)));
      expect(strings(asText(value))).toBe(count);
    }),
  );
});
