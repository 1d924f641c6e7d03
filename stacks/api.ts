/** The one HTTP API. Slack's servers are its callers, so no browser's origin is allowed. */
export const api = new sst.aws.ApiGatewayV2("Api", {
  cors: false,
  accessLog: { retention: "1 year" },
  transform: {
    logGroup: (_args, opts) => {
      opts.retainOnDelete = true;
    },
  },
});
