/** Other systems that may propose requests: what their account may put on the bus, and whom they then are. */
export const partners = [
  {
    account: "333333333333",
    source: "partner.pipeline",
    blueprints: ["probe"],
    principal: "system_pipeline",
  },
] as const;
