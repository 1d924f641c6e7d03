import { type Control, finding } from "./control.ts";

/** A plan made again finds nothing to do: the account is as the code says. */
export const secondPlanEmpty: Control = {
  id: "second-plan-empty",
  title: "A second plan finds nothing to change",
  async ask({ secondPlan }) {
    const { empty, changes, drift } = await secondPlan();
    const wrong = empty ? [] : changes.length > 0 ? changes.slice(0, 5) : ["Terraform would change something"];
    return finding("terraform plan -refresh", { empty, changes: [...changes], drift: [...drift] }, wrong);
  },
};
