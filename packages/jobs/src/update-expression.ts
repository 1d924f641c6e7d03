/** One UpdateExpression, made of the attributes that differ. */
export class UpdateExpression {
  readonly names: Record<string, string> = {};
  readonly values: Record<string, unknown> = {};
  readonly #set: string[] = [];
  readonly #remove: string[] = [];

  difference(
    path: readonly string[],
    before: Readonly<Record<string, unknown>>,
    after: Readonly<Record<string, unknown>>,
  ) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      if (before[name] === after[name]) continue;
      const target = [...path, name].map((part) => this.#name(part)).join(".");
      if (after[name] === undefined) this.#remove.push(target);
      else this.#set.push(`${target} = ${this.#value(after[name])}`);
    }
  }

  expressions() {
    const set = this.#set.length > 0 ? `SET ${this.#set.join(", ")}` : "";
    const remove = this.#remove.length > 0 ? `REMOVE ${this.#remove.join(", ")}` : "";
    return { UpdateExpression: [set, remove].filter(Boolean).join(" ") };
  }

  #name(part: string): string {
    const alias = `#n${Object.keys(this.names).length}`;
    this.names[alias] = part;
    return alias;
  }

  #value(value: unknown): string {
    const alias = `:v${Object.keys(this.values).length}`;
    this.values[alias] = value;
    return alias;
  }
}
