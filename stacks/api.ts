/**
 * The one HTTP API. Slack's servers are its callers, so no browser's origin is allowed. Anybody can call it, and a signature is judged by a function: what comes
 * faster than a workspace of people clicks is answered 429 before one is started.
 */
export const api = new sst.aws.ApiGatewayV2("Api", {
  cors: false,
  accessLog: { retention: "1 year" },
  transform: {
    stage: { defaultRouteSettings: { throttlingRateLimit: 50, throttlingBurstLimit: 100 } },
    logGroup: (_args, opts) => {
      opts.retainOnDelete = true;
    },
  },
});
