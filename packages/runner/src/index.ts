export { type Exact, exactText, parseExact } from "./json/exact-json.ts";
export { PlanPage, type ShownAttribute, type ShownResource, type ShownValue, shownActions } from "./plan-page/page.ts";
