/** The line for a machine's shell. The key that fetches the script is the one it installs; it stands in a header, never in an address. */
export const installLine = (origin: string, key: string): string => `curl -fsSL -H 'X-Api-Key: ${key}' ${origin}/install.sh | sudo sh`;
