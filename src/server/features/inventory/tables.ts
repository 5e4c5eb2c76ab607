export interface InventoryTables {}
export const inventoryMigrations = [] as const;
