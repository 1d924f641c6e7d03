export { PlanPage, type ShownAttribute, type ShownResource, type ShownValue, shownActions } from "./plan-page/page.ts";
