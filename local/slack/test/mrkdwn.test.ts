import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { code } from "../../../packages/slack/src/escape.ts";
import { quoting } from "../../../packages/slack/src/quotation.ts";
import { html } from "../desk/html.ts";
import { mrkdwn, plainText } from "../desk/mrkdwn.ts";
import { renderBlocks } from "../desk/render-blocks.ts";

const NAMES = {
  user: (id: string) => (id === "U1" ? "Ada <b>" : undefined),
  channel: (id: string) => (id === "C1" ? "staging" : undefined),
  now: Date.UTC(2026, 10, 23, 12),
};
const shown = (source: string) => mrkdwn(source, NAMES).text;

/** The only tags that the renderer may make; everything else in angle brackets came from the input. */
const OURS =
  /<\/?(?:b|i|s|code|pre|blockquote)>|<br>|<span class="mention(?: everybody)?">|<\/span>|<\/time>|<\/a>|<time datetime="[\dTZ:.+-]+" title="[\dTZ:.+-]+">|<a href="(?:https?:\/\/|mailto:)[^"<>]*" target="_blank" rel="noreferrer noopener">/gi;

describe("Slack's mrkdwn as HTML", () => {
  it.each([
    ["*bold* _italic_ ~gone~", "<b>bold</b> <i>italic</i> <s>gone</s>"],
    ["*bold _and italic_*", "<b>bold <i>and italic</i></b>"],
    ["*a _b* c_", "<b>a _b</b> c_"],
    ["5 * 3 * 2 and snake_case_name", "5 * 3 * 2 and snake_case_name"],
    ["`*code* &lt;b&gt;`", "<code>*code* &lt;b&gt;</code>"],
    ["*with `code`*", "<b>with <code>code</code></b>"],
    ["a\n```\nx\n  y\n```\nb", "a<pre><code>x\n  y</code></pre>b"],
    ["&lt;script&gt; &amp;amp;", "&lt;script&gt; &amp;amp;"],
    ["&gt; said\n&gt; twice\nend", "<blockquote>said<br>twice</blockquote>end"],
    ["<@U1> <@U2>", '<span class="mention">@Ada &lt;b&gt;</span> <span class="mention">@U2</span>'],
    ["<#C1> <!channel>", '<span class="mention">#staging</span> <span class="mention everybody">@channel</span>'],
    [
      "<https://x.test/?a=1&amp;b|see>",
      '<a href="https://x.test/?a=1&amp;b" target="_blank" rel="noreferrer noopener">see</a>',
    ],
    ["<javascript:alert(1)|see> <script>", "&lt;javascript:alert(1)|see&gt; &lt;script&gt;"],
    ["`once` \ue0000\ue001", "<code>once</code> 0"],
    ["<!date^nonsense^{time}|14:09 UTC>", "14:09 UTC"],
  ])("shows %j", (source, expected) => {
    expect(shown(source)).toBe(expected);
  });

  it("writes dates in the reader's zone", () => {
    const at = Date.UTC(2026, 10, 23, 14, 9);
    const local = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(at);

    expect(shown(`<!date^${at / 1_000}^{date_short_pretty} at {time}|x>`)).toContain(`at ${local}</time>`);
  });

  it("lets no markup of the input through, whatever it is", () => {
    const piece = fc.constantFrom(
      ..."<>&\"'`*_~|!@#^\n\ue000\ue001 01ab".split(""),
      "<script>alert(1)</script>",
      '"><img src=x onerror=alert(1)>',
      "<https://x.test|",
      "<javascript:",
      "<@U1",
      "<!date^1^{time}|",
      "&lt;",
      "```",
      "\ue0000\ue001",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 5 })), { maxLength: 30 }), (pieces) => {
        for (const markup of [shown(pieces.join("")), plainText(pieces.join("")).text, html`${pieces.join("")}`.text]) {
          const rest = markup.replace(OURS, "");
          expect(rest).not.toMatch(/[<>"']/);
          expect(rest.replace(/&(amp|lt|gt|quot|#39);/g, "")).not.toContain("&");
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("shows what our own escaping made exactly as it was written", () => {
    const text = (markup: string) =>
      markup
        .replace(/<[^>]+>/g, "")
        .replace(
          /&(amp|lt|gt|quot|#39);/g,
          (_whole, name: string) => ({ amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" })[name] ?? "",
        );
    const printable = fc
      .string({ unit: fc.constantFrom(..."<>&*_~@!#| abc1:"), minLength: 1, maxLength: 30 })
      .filter((one) => one.trim() !== "");
    fc.assert(
      fc.property(printable, (source) => {
        expect(shown(code(source, 100))).toMatch(/^<code>.*<\/code>$/);
        expect(text(shown(code(source, 100)))).toBe(source.trim());
        expect(shown(`${quoting("Ada", source, 100)}\nours`)).toMatch(/^Ada:<blockquote>“[^<]*”<\/blockquote>ours$/);
      }),
    );
  });
});

describe("blocks on the desk", () => {
  it("marks what it cannot show instead of leaving it out", () => {
    const markup = renderBlocks([{ type: "video", title: "<x>" }], NAMES, () => html``).text;

    expect(markup).toContain("This desk cannot show: block video");
    expect(markup).not.toContain("<x>");
  });
});
