import { actsMigrations, type ActsTables } from "../features/acts/tables.ts";
import { callsMigrations, linesMigrations, type CallsTables, type LinesTables } from "../features/calls/tables.ts";
import { carriersMigrations, type CarriersTables } from "../features/carriers/tables.ts";
import { dashboardsMigrations, type DashboardsTables } from "../features/dashboards/tables.ts";
import { dutyMigrations, type DutyTables } from "../features/duty/tables.ts";
import { downtimesMigrations, type DowntimesTables } from "../features/downtimes/tables.ts";
import { escalationMigrations, type EscalationTables } from "../features/escalation/tables.ts";
import { identityMigrations, type IdentityTables } from "../features/identity/tables.ts";
import { incidentsMigrations, type IncidentsTables } from "../features/incidents/tables.ts";
import { inventoryMigrations, type InventoryTables } from "../features/inventory/tables.ts";
import { ledgerMigrations, type LedgerTables } from "../features/ledger/tables.ts";
import { metricsMigrations, type MetricsTables } from "../features/metrics/tables.ts";
import { monitorsMigrations, type MonitorsTables } from "../features/monitors/tables.ts";
import { notifyMigrations, type NotifyTables } from "../features/notify/tables.ts";
import { otlpMigrations, type OtlpTables } from "../features/otlp/tables.ts";
import { probesMigrations, type ProbesTables } from "../features/probes/tables.ts";
import { prometheusMigrations, type PrometheusTables } from "../features/prometheus/tables.ts";
import { receiversMigrations, type ReceiversTables } from "../features/receivers/tables.ts";
import { reportsMigrations, type ReportsTables } from "../features/reports/tables.ts";
import { routingMigrations, type RoutingTables } from "../features/routing/tables.ts";
import { sharingMigrations, type SharingTables } from "../features/sharing/tables.ts";
import { speechMigrations, type SpeechTables } from "../features/speech/tables.ts";
import { sourcesMigrations, type SourcesTables } from "../features/sources/tables.ts";
import { zabbixMigrations, type ZabbixTables } from "../features/zabbix/tables.ts";
import { foundation } from "./foundation.ts";
import type { Migration } from "./migration.ts";

/** Every table of the product. Joined by hand, since declaration merging is lost across project references. */
export interface Tables
  extends
    LedgerTables,
    IdentityTables,
    InventoryTables,
    DowntimesTables,
    NotifyTables,
    SpeechTables,
    DutyTables,
    MetricsTables,
    ReceiversTables,
    DashboardsTables,
    ZabbixTables,
    PrometheusTables,
    OtlpTables,
    ActsTables,
    IncidentsTables,
    EscalationTables,
    RoutingTables,
    MonitorsTables,
    ProbesTables,
    SharingTables,
    ReportsTables,
    SourcesTables,
    CarriersTables,
    CallsTables,
    LinesTables {}

/** All steps in the order in which they run. */
export const migrations: readonly Migration[] = [
  foundation,
  ...ledgerMigrations,
  ...identityMigrations,
  ...inventoryMigrations,
  ...downtimesMigrations,
  ...notifyMigrations,
  ...speechMigrations,
  ...dutyMigrations,
  ...incidentsMigrations,
  ...escalationMigrations,
  ...routingMigrations,
  ...actsMigrations,
  ...metricsMigrations,
  ...receiversMigrations,
  ...prometheusMigrations,
  ...otlpMigrations,
  ...dashboardsMigrations,
  ...zabbixMigrations,
  ...sourcesMigrations,
  ...monitorsMigrations,
  ...probesMigrations,
  ...sharingMigrations,
  ...reportsMigrations,
  ...callsMigrations,
  ...linesMigrations,
  ...carriersMigrations,
];
