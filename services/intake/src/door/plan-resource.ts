import type { ShownResource } from "@sluice/runner";
import type { Entry } from "./pages.ts";
import { attributeLines } from "./plan-attributes.ts";
import type { WholeTexts } from "./whole-texts.ts";

const ADDRESS_UNITS = 300;

const verbs: Readonly<Record<ShownResource["action"], string>> = {
  destroy: "− destroys",
  forget: "− forgets",
  replace: "± replaces",
  update: "~ changes",
  create: "+ adds",
  import: "imports",
  move: "moves",
  read: "reads",
};

/** One resource that something happens to: all that the page holds of it. */
export function resourceEntry(resource: ShownResource, texts: WholeTexts): Entry {
  const { address, action, movedFrom, importedId, attributes, gone = [], risks = [] } = resource;
  const of = texts.shown(address, ADDRESS_UNITS, "an address");
  const isWritten = action === "create" || action === "replace" || action === "read";
  const first = new Set(risks.flatMap(({ path }) => (path === undefined ? [] : [path])));
  const goes = attributeLines(gone, { reading: "goes", of, texts });
  return {
    head: `*${verbs[action]}* ${of}`,
    lines: [
      ...notes(resource, texts),
      ...attributeLines(attributes, { reading: isWritten ? "written" : "changed", of, texts, first }),
      ...(goes.length > 0 ? ["_What goes:_", ...goes] : []),
    ],
    kinds: [action, ...(importedId === undefined ? [] : ["import"]), ...(movedFrom === undefined ? [] : ["move"])],
  };
}

type Risk = NonNullable<ShownResource["risks"]>[number];

const riskWords: Readonly<Record<Risk["code"], string>> = {
  data_lost: "its data is lost",
  open_to_internet: "it is open to the internet",
  public: "it is public",
  iam: "it decides who may do what",
  security_hidden: "a value of a role, policy or network is hidden",
  security_unknown: "a value of a role, policy or network is known only after apply",
};

function notes(resource: ShownResource, texts: WholeTexts): string[] {
  const { address, type, reason, movedFrom, importedId, deposed, createsFirst, risks = [] } = resource;
  const shown = (text: string, of: string) => texts.shown(text, ADDRESS_UNITS, of);
  return [
    ...risks.map(({ code, path }) => `*! ${riskWords[code]}*${path === undefined ? "" : `: ${shown(path, "a path")}`}`),
    ...(reason === undefined ? [] : [`because ${shown(reason, "a reason")}`]),
    ...(movedFrom === undefined ? [] : [`moved from ${shown(movedFrom, "an address")}`]),
    ...(importedId === undefined ? [] : [`imports ${shown(importedId, "an id")}`]),
    ...(deposed === undefined
      ? []
      : [`an object left behind by an earlier replacement (${shown(deposed, "its key")})`]),
    ...(createsFirst ? ["the new one is made before the old one is destroyed"] : []),
    ...(typeIn(address) === type ? [] : [`of type ${shown(type, "a type")}`]),
  ];
}

/** `aws_instance` in `module.web["a"].aws_instance.this[0]`. */
function typeIn(address: string): string | undefined {
  return /(?:^|\.)([\w-]+)\.[\w-]+(?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?$/.exec(address)?.[1];
}
