export { installationScope, openDb, type Db, type Deps, type Scope, type Tx } from "./db.ts";
export { migrate, type MigrationReport } from "./migrate.ts";
export type { Migration } from "./migration.ts";
export { publish, type Change } from "./changes.ts";
export { createBackup, restoreBackup } from "./backup/index.ts";
export { externalVersion, openDatabase, type Database } from "./open.ts";
export { ChangeListener } from "./listen.ts";
export { Seal } from "./seal.ts";
export { DueWork, type DueWorkOptions, type Looked } from "./due-work.ts";
