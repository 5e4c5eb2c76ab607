import type { SourceKind } from "#wire/sources";

const alertmanager = (url: string): string =>
  [
    "route:",
    "  receiver: hinoban",
    "receivers:",
    "  - name: hinoban",
    "    webhook_configs:",
    `      - url: ${url}`,
    "        send_resolved: true",
  ].join("\n");

/** The script of a media type of the type "Webhook"; its parameters stand below it. */
const zabbix = (url: string): string =>
  [
    "var p = JSON.parse(value), r = new HttpRequest();",
    "r.addHeader('Content-Type: application/json');",
    "var b = r.post(p.url, JSON.stringify(p));",
    "if (r.getStatus() < 200 || r.getStatus() >= 300) throw 'HTTP ' + r.getStatus() + ' ' + b;",
    "return 'OK';",
    "",
    `url            ${url}`,
    "event_id       {EVENT.ID}",
    "recovery_id    {EVENT.RECOVERY.ID}",
    "event_value    {EVENT.VALUE}",
    "update_status  {EVENT.UPDATE.STATUS}",
    "event_name     {EVENT.NAME}",
    "severity       {EVENT.SEVERITY}",
    "nseverity      {EVENT.NSEVERITY}",
    "host           {HOST.HOST}",
    "trigger_id     {TRIGGER.ID}",
    "tags           {EVENT.TAGSJSON}",
    "message        {ALERT.MESSAGE}",
  ].join("\n");

const snippets: Readonly<Record<SourceKind, ((url: string) => string) | undefined>> = {
  alertmanager,
  zabbix,
  grafana: undefined,
  mackerel: undefined,
  pagerduty: (url) => `${url}/v2/enqueue`,
  opsgenie: (url) => url,
  mail: undefined,
  generic: (url) => `curl -sS -H 'Content-Type: application/json' -d @message.json ${url}`,
  heartbeat: (url) => `15 3 * * * /usr/local/bin/backup && curl -fsS -m 10 --retry 3 ${url} || curl -fsS -m 10 "${url}?state=fail"`,
};

/** Lines to copy into the configuration of the sender; undefined where the address alone is pasted. */
export const snippetFor = (kind: SourceKind, url: string): string | undefined => snippets[kind]?.(url);
