import { type Exact, isObject } from "../json/exact-json.ts";

/** A resource whose attribute a provider marks as sensitive although what it holds is none. */
type PlainAttribute = Readonly<{
  provider: string;
  type: string;
  attribute: string;
  /** Whether this object's value is plain, by its other attributes. */
  isPlain: (values: Readonly<Record<string, Exact>>) => boolean;
  /** What roots make of a value, beside the value itself. */
  partsOf: (value: string, values: Readonly<Record<string, Exact>>) => readonly string[];
}>;

/** Every exception from "what is marked is secret", with its reason. */
const plainAttributes: readonly PlainAttribute[] = [
  {
    // The provider marks `value` whatever the type, because one type, SecureString, is encrypted. The two others lie in clear text for everybody who may describe
    // parameters; environments name their networks, roles and security groups in them, and those an approver must see.
    provider: "/hashicorp/aws",
    type: "aws_ssm_parameter",
    attribute: "value",
    isPlain: ({ type }) => type === "String" || type === "StringList",
    partsOf: (value, { type }) => (type === "StringList" ? value.split(",") : []),
  },
];

/** Which resource an object is of, as Terraform's JSON names it. */
export type OfResource = Readonly<{ mode: Exact | undefined; type: Exact | undefined; provider: Exact | undefined }>;

/**
 * Whether the mark of an attribute says nothing, and which texts are known to be plain then.
 *
 * @returns nothing where the mark counts
 */
export function plainTexts(resource: OfResource, values: Exact | undefined, attribute: string): string[] | undefined {
  const { type, provider } = resource;
  if (!isObject(values) || typeof provider !== "string") return undefined;
  const found = plainAttributes.find(
    (each) => each.type === type && provider.endsWith(each.provider) && each.attribute === attribute,
  );
  const value = values[attribute];
  if (!found?.isPlain(values) || typeof value !== "string") return undefined;
  return [value, ...found.partsOf(value, values)];
}
