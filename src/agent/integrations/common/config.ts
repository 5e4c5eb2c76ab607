/** A variable of the agent's environment; empty counts as absent, because service managers pass empty variables for unset ones. */
export function environmentVariable(name: string): string | undefined {
  const value = process.env[name];
  return value === "" ? undefined : value;
}
