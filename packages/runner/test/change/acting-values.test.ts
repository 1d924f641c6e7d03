import { describe, expect, it } from "vitest";
import { refuseActingValues } from "../../src/change/acting-values.ts";
import { parseExact } from "../../src/json/exact-json.ts";

const provider = (...references: string[]) => ({
  provider_config: { aws: { name: "aws", expressions: { assume_role: [{ role_arn: { references } }] } } },
});
const provisioner = (references: string[], more: object = {}, type = "local-exec") => ({
  root_module: {
    resources: [
      {
        address: "terraform_data.x",
        provisioners: [{ type, expressions: { command: { references } } }],
        ...more,
      },
    ],
  },
});
const inModule = (given: object) => ({
  root_module: {
    module_calls: {
      child: { expressions: { path: given }, module: provisioner(["var.path"]).root_module },
    },
  },
});

describe("a value that acts and stands in no plan is taken only from what was approved", () => {
  it.each([
    ["a provider from variables", provider("var.target.role_arn", "var.target")],
    ["a provisioner from variables", provisioner(["var.seconds[0]", "var.seconds"])],
    ["a provisioner from its own resource", provisioner(["self.id", "self"])],
    ["a provisioner from its key, number and folder", provisioner(["each.key", "count.index", "path.module"])],
    [
      "a provisioner from a value that for_each has from variables",
      provisioner(["each.value.a", "each.value"], { for_each_expression: { references: ["var.all"] } }),
    ],
    ["a module's provisioner from what the root's variables give it", inModule({ references: ["var.path"] })],
    ["a module's provisioner from a constant", inModule({ constant_value: "/tmp" })],
    ["no configuration at all", {}],
  ])("%s", (_, configuration) => {
    expect(() => refuseActingValues(parseExact(JSON.stringify(configuration)))).not.toThrow();
  });

  it.each([
    ["a provider from a local", provider("local.role"), "The provider aws takes a value from local.role"],
    ["a provider from a data source", provider("data.aws_ssm_parameter.role.value"), "data.aws_ssm_parameter.role"],
    ["a provisioner from a data source", provisioner(["data.http.x.body"]), "terraform_data.x takes a value from data"],
    ["a provisioner from another resource", provisioner(["terraform_data.y.id"]), "terraform_data.y.id"],
    [
      "a provisioner from a value that for_each has from a data source",
      provisioner(["each.value"], { for_each_expression: { references: ["data.x.y"] } }),
      "each.value",
    ],
    ["a module's provisioner from what a data source gives it", inModule({ references: ["data.x.y"] }), "var.path"],
    ["a module's provisioner from a local", inModule({ references: ["local.path"] }), "var.path"],
    ["a provisioner with a connection", provisioner([], {}, "remote-exec"), "needs a connection"],
  ])("never %s", (_, configuration, says) => {
    expect(() => refuseActingValues(parseExact(JSON.stringify(configuration)))).toThrow(says);
  });
});
