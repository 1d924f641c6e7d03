export * from "./blueprints.ts";
export * from "./define-blueprint.ts";
export { probe } from "./definitions/probe.ts";
export { virtualMachine } from "./definitions/virtual-machine.ts";
export { virtualMachineRemoval } from "./definitions/virtual-machine-removal.ts";
export * from "./environments.ts";
export * from "./known.ts";
export * from "./policies.ts";
