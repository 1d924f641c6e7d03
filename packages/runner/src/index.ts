export { type Exact, exactText, parseExact } from "./json/exact-json.ts";
export {
  PlanPage,
  type ShownAttribute,
  type ShownOutput,
  type ShownResource,
  type ShownValue,
  shownActions,
} from "./plan-page/page.ts";
export { summaryOf } from "./plan-page/summary.ts";
export { aroundDifference, type Window, windowsAround } from "./plan-page/window.ts";
