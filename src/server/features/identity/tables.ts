export interface IdentityTables {}
export const identityMigrations = [] as const;
