/** Installers need the machine's own settings: its proxies, certificates and package indexes. */
export function systemEnvironment(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) env[name] = value;
  return env;
}
