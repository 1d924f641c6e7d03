import { setTimeout as delay } from "node:timers/promises";
import type { LoadedApp } from "./app-bundle.ts";
import { computedAttributes } from "./computed-attributes.ts";
import { answerDataSource } from "./data-sources.ts";
import { plainInputs } from "./plain-values.ts";
import type { SynthResource } from "./synth.ts";

/** Pulumi's registration, of which its mocks hand on only type, name and inputs. */
interface Registration {
  getCustom(): boolean;
  getParent(): string;
  getDependenciesList(): string[];
  getIgnorechangesList(): string[];
  getRetainondelete(): boolean;
  getProtect(): boolean;
}

interface NewResource {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

/** Puts Pulumi's mocks in place, so that running the app's stacks records every resource and creates none. */
export async function recordResources({ app, root }: { app: LoadedApp; root: string }) {
  const resources: SynthResource[] = [];
  const registrationOf = rememberRegistrations(app);
  nameUrnsAsTheEngineDoes(app);

  await app.pulumi.runtime.setMocks(
    {
      async newResource({ type, name, inputs: wrapped }: NewResource) {
        const registration = registrationOf();
        const custom = registration.getCustom() && !type.startsWith("pulumi:");
        const { inputs, secrets } = await plainInputs(wrapped, root);
        const computed = custom ? computedAttributes(type, name, inputs) : {};
        resources.push({
          name,
          type,
          custom,
          parent: registration.getParent(),
          inputs,
          computed,
          secrets,
          dependsOn: registration.getDependenciesList().sort(),
          ignoreChanges: registration.getIgnorechangesList(),
          retainOnDelete: registration.getRetainondelete(),
          protect: registration.getProtect(),
        });
        return { id: String(computed.id ?? name), state: { ...wrapped, ...computed } };
      },
      call: ({ token, inputs }: { token: string; inputs: Record<string, unknown> }) => answerDataSource(token, inputs),
    },
    "app",
    "synth",
    false,
  );

  return {
    /** All resources, once no more have come for two looks. */
    async finished(): Promise<SynthResource[]> {
      for (let seen = -1; seen !== resources.length; ) {
        seen = resources.length;
        await app.pulumi.runtime.waitForRPCs?.();
        await delay(50);
      }
      return resources;
    },
  };
}

/** The mock is entered synchronously from the registration, so the last one is the current one. */
function rememberRegistrations({ MockMonitor }: LoadedApp): () => Registration {
  let current: Registration | undefined;
  const register = MockMonitor.prototype.registerResource;
  MockMonitor.prototype.registerResource = function (request, callback) {
    current = request as Registration;
    return register.call(this, request, callback);
  };
  return () => {
    if (!current) throw new Error("Pulumi made a resource without registering it");
    return current;
  };
}

/** The mocks keep the root stack as a parent type and the engine does not; `Link` puts this type in the links. */
function nameUrnsAsTheEngineDoes({ MockMonitor }: LoadedApp): void {
  const newUrn = MockMonitor.prototype.newUrn;
  MockMonitor.prototype.newUrn = function (...parts) {
    return newUrn.apply(this, parts).replace("::pulumi:pulumi:Stack$", "::");
  };
}
