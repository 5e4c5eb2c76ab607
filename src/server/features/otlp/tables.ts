import type { Generated } from "kysely";

/** How an organisation keeps what OpenTelemetry sends; no row while it is the default. */
export interface OtlpMappingTable {
  organisation_id: Generated<string>;
  /** JSON text of the wire's shape. */
  mapping: string;
}

export interface OtlpTables {
  otlp_mapping: OtlpMappingTable;
}

export const otlpMigrations = [
  {
    id: "otlp-001",
    sql: `
create table otlp_mapping (
  organisation_id text primary key default hinoban_organisation(),
  mapping text not null
);
call hinoban_secure('otlp_mapping');
`,
  },
] as const;
