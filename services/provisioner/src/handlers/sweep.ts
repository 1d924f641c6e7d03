import { sweep } from "@sluice/doors";
import { sweeping } from "../deps.ts";

export const handler = sweep(sweeping);
