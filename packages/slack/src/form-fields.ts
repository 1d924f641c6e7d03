import { enumerated } from "@sluice/text";
import * as z from "zod"; // As a namespace: a bundle then has 190 KB of zod instead of 760 KB.

/** The most options that a select may have. */
const MOST_OPTIONS = 100;

/** What a form asks for one key of a schema. `allowed` is a sentence that says what may be given. */
export type FormField = Readonly<{
  name: string;
  kind: "text" | "number" | "choice" | "yes-no" | "list";
  title: string;
  help?: string;
  placeholder?: string;
  allowed: string;
  optional: boolean;
  initial?: unknown;
  /** Of a choice: value and what people read. */
  options: readonly Readonly<{ value: string; label: string }>[];
  /** Of a list: what its items are. */
  items?: "text" | "number";
  multiline: boolean;
  /** A person types it each time; nothing fills it in. */
  typed: boolean;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  whole: boolean;
  pattern?: RegExp;
}>;

type Json = Readonly<Record<string, unknown>>;

/**
 * The fields of an object schema, read from its JSON Schema: string (with pattern or lengths), enum, integer, number, boolean,
 * and arrays of strings or numbers. `.meta({ title, description, examples, allowed, options, multiline, typed })` says how they read;
 * `options` maps a value to its label.
 *
 * @throws for any other type: a form that silently leaves something out would lose it.
 */
export function formFields(schema: z.ZodObject): readonly FormField[] {
  const described: Json = { ...z.toJSONSchema(schema, { io: "input", reused: "inline", unrepresentable: "any" }) };
  const definitions = isJson(described.$defs) ? described.$defs : {};
  const properties = isJson(described.properties) ? described.properties : {};
  const required = new Set(Array.isArray(described.required) ? described.required : []);
  return Object.entries(properties).map(([name, property]) =>
    fieldOf(name, resolved(property, definitions), !required.has(name)),
  );
}

function fieldOf(name: string, json: Json, hasNoNeed: boolean): FormField {
  const kind = kindOf(name, json);
  const items = isJson(json.items) ? json.items : {};
  const options = kind === "choice" ? optionsOf(name, json) : [];
  const field = {
    name,
    kind,
    title: textOf(json.title) ?? titleFrom(name),
    optional: hasNoNeed && json.default === undefined,
    options,
    multiline: json.multiline === true,
    typed: json.typed === true,
    whole: json.type === "integer" || items.type === "integer",
    ...(json.description !== undefined && { help: String(json.description) }),
    ...(Array.isArray(json.examples) && { placeholder: asTyped(json.examples[0]) }),
    ...(json.default !== undefined && { initial: json.default }),
    ...(kind === "list" && { items: items.type === "string" ? ("text" as const) : ("number" as const) }),
    ...(typeof json.pattern === "string" && { pattern: new RegExp(json.pattern, "u") }),
    ...(typeof json.maxLength === "number" && { maxLength: json.maxLength }),
    ...limitsOf(kind === "list" ? items : json),
  };
  return { ...field, allowed: textOf(json.allowed) ?? allowedOf(field, json) };
}

function kindOf(name: string, json: Json): FormField["kind"] {
  if (Array.isArray(json.enum)) return "choice";
  if (json.type === "string") return "text";
  if (json.type === "integer" || json.type === "number") return "number";
  if (json.type === "boolean") return "yes-no";
  if (json.type === "array" && isJson(json.items) && ["string", "integer", "number"].includes(String(json.items.type)))
    return "list";
  throw new Error(`A form cannot ask for "${name}": use text, enum, number, boolean or an array of text or numbers`);
}

function optionsOf(name: string, json: Json): { value: string; label: string }[] {
  const values = Array.isArray(json.enum) ? json.enum.map(String) : [];
  if (values.length > MOST_OPTIONS)
    throw new Error(`"${name}" has ${values.length} options, a select has at most ${MOST_OPTIONS}`);
  const labels = isJson(json.options) ? json.options : {};
  return values.map((value) => ({ value, label: textOf(labels[value]) ?? value }));
}

function limitsOf(json: Json): { minimum?: number; maximum?: number } {
  // A plain integer has JavaScript's own safe limits in its JSON Schema, which say nothing to people.
  const stated = (limit: unknown) => typeof limit === "number" && Math.abs(limit) < Number.MAX_SAFE_INTEGER;
  return {
    ...(stated(json.minimum) && { minimum: Number(json.minimum) }),
    ...(stated(json.maximum) && { maximum: Number(json.maximum) }),
  };
}

function allowedOf(field: Omit<FormField, "allowed">, json: Json): string {
  if (field.kind === "choice") {
    const labels = field.options.map(({ label }) => label);
    return `Use one of ${enumerated(labels, "or")}.`;
  }
  if (field.kind === "yes-no") return "Tick it or leave it.";
  const number = `${field.whole ? "whole number" : "number"}`;
  if (field.kind === "number") return `Use a ${number}${rangeOf(field)}.`;
  if (field.kind === "list") {
    const what = field.items === "number" ? `${number}s${rangeOf(field)}` : "values";
    return `Use ${typeof json.maxItems === "number" ? `up to ${json.maxItems} ` : ""}${what}, with commas between.`;
  }
  const least = typeof json.minLength === "number" ? json.minLength : undefined;
  if (least !== undefined && field.maxLength !== undefined) return `Use ${least} to ${field.maxLength} characters.`;
  if (field.maxLength !== undefined) return `Use at most ${field.maxLength} characters.`;
  if (least !== undefined) return `Use at least ${least} ${least === 1 ? "character" : "characters"}.`;
  return field.placeholder ? `Use something like “${field.placeholder}”.` : "Use another value.";
}

function rangeOf({ minimum, maximum }: { minimum?: number; maximum?: number }): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return ` of ${minimum} or more`;
  return maximum !== undefined ? ` of ${maximum} or less` : "";
}

/** A value as a person would type it into the form's text field. */
export function asTyped(value: unknown): string {
  return Array.isArray(value) ? value.map(String).join(", ") : String(value);
}

function titleFrom(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/[_-]+/g, " ")
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function resolved(property: unknown, definitions: Json): Json {
  if (!isJson(property)) return {};
  if (typeof property.$ref !== "string") return property;
  const { $ref, ...own } = property;
  const definition = definitions[$ref.replace("#/$defs/", "")];
  return { ...(isJson(definition) ? definition : {}), ...own };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
