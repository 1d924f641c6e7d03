import type { HttpRoute } from "./host-plan.ts";

export interface RouteMatch {
  route: HttpRoute;
  pathParameters: Record<string, string>;
}

/**
 * The most specific route, by API Gateway's order: literal segments before `{name}`, `{name}` before `{name+}`, the method before `ANY`,
 * `$default` last. Undefined is a 404.
 *
 * @throws URIError for a parameter that is not percent-encoded as it should be.
 */
export function matchRoute(routes: readonly HttpRoute[], method: string, path: string): RouteMatch | undefined {
  const matches = routes.flatMap((route) => {
    const match = matchOne(route, method, path);
    return match ? [{ route, ...match }] : [];
  });
  return matches.sort((a, b) => (a.rank < b.rank ? -1 : 1))[0];
}

/** Ranks compare as text, segment by segment: smaller is more specific. */
function matchOne({ routeKey }: HttpRoute, method: string, path: string) {
  if (routeKey === "$default") return { rank: "9", pathParameters: {} };
  const [wantedMethod, template = "/"] = routeKey.split(" ");
  if (wantedMethod !== "ANY" && wantedMethod !== method) return undefined;

  const given = path.split("/").slice(1);
  const wanted = template.split("/").slice(1);
  const pathParameters: Record<string, string> = {};
  let rank = "";
  for (const [at, segment] of wanted.entries()) {
    const { greedy, name } = /^\{(?<name>[^}+]+)(?<greedy>\+?)\}$/.exec(segment)?.groups ?? {};
    const value = greedy ? given.slice(at).join("/") : given[at];
    if (value === undefined || (name ? value === "" : value !== segment)) return undefined;
    if (name) pathParameters[name] = decodeURIComponent(value);
    rank += greedy ? "3" : name ? "2" : "1";
    if (greedy) return { rank: `${rank}${wantedMethod === "ANY" ? "1" : "0"}`, pathParameters };
  }
  if (given.length !== wanted.length) return undefined;
  return { rank: `${rank}${wantedMethod === "ANY" ? "1" : "0"}`, pathParameters };
}
