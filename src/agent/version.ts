/** The agent's version, as it appears in the User-Agent header and in the host's metadata. A test keeps it equal to package.json. */
export const agentVersion = "0.1.0";

export const agentName = `hinoban-agent/${agentVersion}`;
