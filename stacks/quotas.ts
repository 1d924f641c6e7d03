/** How much one person, or one other system, may have and ask for. An installation edits this file. */
export const quotas = {
  /** Of a person, until each has ended. */
  openRequests: 20,
  /** Of a person, plans made again included. */
  plansAnHour: 30,
  /** Of another system, refused ones included. */
  proposalsAnHour: 60,
};
