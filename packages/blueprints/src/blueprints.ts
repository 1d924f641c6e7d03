import type { Blueprint } from "./define-blueprint.ts";
import { probe } from "./definitions/probe.ts";
import { virtualMachine } from "./definitions/virtual-machine.ts";
import { virtualMachineRemoval } from "./definitions/virtual-machine-removal.ts";

/** What people can ask for, in the order of the form. */
export const blueprints: readonly Blueprint[] = [virtualMachine, virtualMachineRemoval, probe];

/** The blueprint of that id, if there is one. */
export function blueprintOf(id: string): Blueprint | undefined {
  return blueprints.find((each) => each.id === id);
}
