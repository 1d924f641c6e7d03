import * as z from "zod";
import type { Path } from "./leaves.ts";

/** Whether the configuration alone sets an attribute, and so decides how its object goes. */
export type IsConfigurable = (provider: string, type: string, path: Path) => boolean;

interface Attributes {
  readonly [name: string]: Readonly<{
    computed?: boolean | undefined;
    nested_type?: { attributes?: Attributes | undefined } | undefined;
  }>;
}
type Block = Readonly<{
  attributes?: Attributes | undefined;
  block_types?: Readonly<Record<string, Readonly<{ block: Block }>>> | undefined;
}>;

const Attributes: z.ZodType<Attributes> = z.record(
  z.string(),
  z.looseObject({
    computed: z.boolean().optional(),
    nested_type: z.looseObject({ attributes: z.lazy(() => Attributes).optional() }).optional(),
  }),
);
const Block: z.ZodType<Block> = z.looseObject({
  attributes: Attributes.optional(),
  block_types: z.record(z.string(), z.looseObject({ block: z.lazy(() => Block) })).optional(),
});

/** `terraform providers schema -json`, as far as it is read here. The blocks of types that nobody asks about are not looked at: AWS's are 13 MB. */
const ProviderSchemas = z.looseObject({
  provider_schemas: z
    .record(
      z.string(),
      z.looseObject({ resource_schemas: z.record(z.string(), z.looseObject({ block: z.unknown() })).optional() }),
    )
    .default({}),
});

/** Where no schema is asked for, nothing goes. */
export const nothingGoes: IsConfigurable = () => true;

/**
 * By the providers' own schemas: not `computed`, or inside something that is not in them. It holds for what has left the configuration too.
 *
 * @throws ZodError when the text is no schema
 */
export function configurableBy(text: string): IsConfigurable {
  const { provider_schemas } = ProviderSchemas.parse(JSON.parse(text));
  const known = new Map<string, Block | undefined>();
  const blockOf = (provider: string, type: string) => {
    const name = `${provider} ${type}`;
    const found = provider_schemas[provider]?.resource_schemas?.[type]?.block;
    if (!known.has(name)) known.set(name, found === undefined ? undefined : Block.parse(found));
    return known.get(name);
  };
  return (provider, type, path) => isConfigurableIn(blockOf(provider, type), path);
}

function isConfigurableIn(block: Block | undefined, path: Path): boolean {
  let at = block;
  for (const name of path) {
    if (!at) return true;
    if (typeof name === "number") continue;
    const attribute = at.attributes?.[name];
    if (attribute?.computed) return false;
    at = attribute ? attribute.nested_type : at.block_types?.[name]?.block;
  }
  return true;
}
