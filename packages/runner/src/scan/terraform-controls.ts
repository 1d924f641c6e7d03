import { type Control, finding } from "./control.ts";

/** A plan made again finds nothing to do: the account is as the code says. */
export const secondPlanEmpty: Control = {
  id: "second-plan-empty",
  title: "A second plan finds nothing to change",
  async ask({ secondPlan }) {
    const { empty, changes, drift } = await secondPlan();
    const wrong = empty ? [] : changes.length > 0 ? changes.slice(0, 5) : ["Terraform would change something"];
    return finding("terraform plan", { empty, changes: [...changes], drift: [...drift] }, wrong);
  },
};

/** What the configuration itself watches holds: Terraform only warns of a check that fails. */
export const checksHold: Control = {
  id: "checks-hold",
  title: "The checks of the configuration hold",
  async ask({ secondPlan }) {
    const { failingChecks } = await secondPlan();
    return finding("terraform plan", { failing: [...failingChecks] }, failingChecks);
  },
};
