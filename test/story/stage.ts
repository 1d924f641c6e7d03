/** The stage that the local cloud is deployed as. */
export const STAGE = "local";
