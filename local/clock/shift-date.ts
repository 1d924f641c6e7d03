/**
 * Makes `Date` of this thread show real time plus `offsetMs()`, asked at every look. Dates made from arguments stay as they are;
 * timers, `performance` and what Node itself does keep real time, so deadlines must be counted on `performance.now()`.
 */
export function shiftDate(offsetMs: () => number): void {
  const real = globalThis.Date;
  const realNow = real.now;
  const now = () => realNow() + offsetMs();

  const shifted = new Proxy(real, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length ? args : [now()], newTarget),
    apply: () => new shifted().toString(),
  });
  real.now = now;
  real.prototype.constructor = shifted;
  globalThis.Date = shifted;
}
