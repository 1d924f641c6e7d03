type Counts = Readonly<
  Record<"add" | "change" | "destroy" | "replace" | "forget" | "import" | "move" | "read" | "output", number>
>;

/** What a plan takes away, in bold: `*− 1 to destroy*`. Nothing where nothing goes. */
export function awayInWords({ destroy, replace, forget }: Counts): string[] {
  return [
    ...(destroy ? [`*− ${destroy} to destroy*`] : []),
    ...(replace ? [`*± ${replace} to replace*`] : []),
    ...(forget ? [`*− ${forget} to forget*`] : []),
  ];
}

/** The rest of what a plan comes to: `+ 3 to add`, `~ 0 to change`, `2 outputs to change`. That nothing is destroyed is said too. */
export function restInWords({ add, change, destroy, move, read, output, import: imported }: Counts): string[] {
  return [
    `+ ${add} to add`,
    `~ ${change} to change`,
    ...(destroy ? [] : ["− 0 to destroy"]),
    ...(imported ? [`${imported} to import`] : []),
    ...(move ? [`${move} to move`] : []),
    ...(read ? [`${read} to read`] : []),
    ...(output ? [output === 1 ? "1 output to change" : `${output} outputs to change`] : []),
  ];
}
