export { namesOf } from "./read-psks.ts";
export { registerZabbix } from "./routes.ts";
export { openZabbix, type Zabbix, type ZabbixDeps } from "./zabbix.ts";
