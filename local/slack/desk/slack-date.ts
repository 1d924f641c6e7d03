const DAY_MS = 86_400_000;

/** A Slack date (`{date_short_pretty} at {time}`) in the zone of this machine, which is the reader's. Unknown parts stay. */
export function formatSlackDate(at: number, format: string, now: number): string {
  return format.replace(/\{(\w+)\}/g, (whole, name: string) => part(at, name, now) ?? whole);
}

/** "14:09" */
export function clockTime(at: number): string {
  return spelled(at, { hour: "2-digit", minute: "2-digit" });
}

/** "today", "yesterday", or the day. */
export function dayName(at: number, now: number): string {
  return nearDay(at, now) ?? spelled(at, { weekday: "long", day: "numeric", month: "long" });
}

function part(at: number, name: string, now: number): string | undefined {
  switch (name) {
    case "time":
      return clockTime(at);
    case "time_secs":
      return spelled(at, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
    case "date_num":
      return spelled(at, { year: "numeric", month: "2-digit", day: "2-digit" });
    case "date":
      return spelled(at, { day: "numeric", month: "long", year: "numeric" });
    case "date_short":
      return spelled(at, { day: "numeric", month: "short", year: "numeric" });
    case "date_long":
      return spelled(at, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
    case "date_pretty":
    case "date_long_pretty":
    case "date_short_pretty":
      return nearDay(at, now) ?? part(at, name.replace("_pretty", ""), now);
    default:
      return undefined;
  }
}

function nearDay(at: number, now: number): string | undefined {
  const day = (instant: number) => new Date(instant).toDateString();
  if (day(at) === day(now)) return "today";
  if (day(at) === day(now - DAY_MS)) return "yesterday";
  return day(at) === day(now + DAY_MS) ? "tomorrow" : undefined;
}

function spelled(at: number, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat("en-GB", { ...options, hourCycle: "h23" }).format(at);
}
