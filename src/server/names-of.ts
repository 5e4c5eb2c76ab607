import { namesOf as callNames } from "#features/calls";
import * as dashboards from "#features/dashboards";
import * as downtimes from "#features/downtimes";
import * as duty from "#features/duty";
import * as escalation from "#features/escalation";
import * as identity from "#features/identity";
import { namesOf as incidentNames } from "#features/incidents";
import * as inventory from "#features/inventory";
import type { NamesOf } from "#features/ledger";
import * as monitors from "#features/monitors";
import * as notify from "#features/notify";
import { namesOf as reportNames } from "#features/reports";
import * as routing from "#features/routing";
import * as sharing from "#features/sharing";
import * as sources from "#features/sources";
import * as speech from "#features/speech";
import * as zabbix from "#features/zabbix";

/** Names for the history, of all features. */
export const namesOf: NamesOf = async (tx, ids) => ({
  ...(await identity.namesOf(tx, ids)),
  ...(await inventory.namesOf(tx, ids)),
  ...(await downtimes.namesOf(tx, ids)),
  ...(await notify.namesOf(tx, ids)),
  ...(await routing.namesOf(tx, ids)),
  ...(await incidentNames(tx, ids)),
  ...(await monitors.namesOf(tx, ids)),
  ...(await escalation.namesOf(tx, ids)),
  ...(await dashboards.namesOf(tx, ids)),
  ...(await duty.namesOf(tx, ids)),
  ...(await zabbix.namesOf(tx, ids)),
  ...(await sharing.namesOf(tx, ids)),
  ...(await sources.namesOf(tx, ids)),
  ...(await reportNames(tx, ids)),
  ...(await speech.namesOf(tx, ids)),
  ...(await callNames(tx, ids)),
});
