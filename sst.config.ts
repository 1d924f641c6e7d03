/// <reference path="./.sst/platform/config.d.ts" />

export default $config({
  app: () => ({
    name: "sluice",
    home: "aws",
    // What proves something, and what would lock people out of their infrastructure, outlives the deployment.
    removal: "retain",
    protect: true,
  }),
  async run() {
    const { sluice } = await import("./stacks/sluice.ts");
    return sluice();
  },
});
