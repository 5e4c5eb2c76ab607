import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { withRig } from "#test/inventory-rig";
import { errorOf } from "#test/v0-client";

const rig = withRig();

/** Everything that Mackerel's clients may call, section by section of its documentation. `METHOD METHOD … path`. */
const documented = `
GET POST /hosts
GET /hosts.json
GET PUT /hosts/:id
GET /hosts-by-custom-identifier/:identifier
POST /hosts/:id/status
POST /hosts/bulk-update-statuses
PUT /hosts/:id/role-fullnames
POST /hosts/:id/retire
POST /hosts/bulk-retire
GET /hosts/:id/metric-names
GET /hosts/:id/monitored-statuses

POST /tsdb
GET /hosts/:id/metrics
GET /tsdb/latest
POST /graph-defs/create
DELETE /graph-defs
POST /services/:service/tsdb
GET /services/:service/metrics
DELETE /services/:service/graph-defs/:graph

GET POST /services
DELETE /services/:service
GET POST /services/:service/roles
DELETE /services/:service/roles/:role
GET /services/:service/metric-names
GET PUT DELETE /hosts/:id/metadata/:namespace
GET PUT DELETE /services/:service/metadata/:namespace
GET PUT DELETE /services/:service/roles/:role/metadata/:namespace
GET /hosts/:id/metadata
GET /services/:service/metadata
GET /services/:service/roles/:role/metadata
POST /monitoring/checks/report
GET /monitoring/checks
GET /monitoring/checks/:id

GET POST /monitors
GET PUT DELETE /monitors/:id
GET /alerts
GET PUT /alerts/:id
POST /alerts/:id/close
GET /alerts/:id/logs
GET POST /channels
PUT DELETE /channels/:id
GET POST /notification-groups
PUT DELETE /notification-groups/:id
GET POST /downtimes
PUT DELETE /downtimes/:id
GET POST /alert-group-settings
GET PUT DELETE /alert-group-settings/:id

GET POST /dashboards
GET PUT DELETE /dashboards/:id
GET POST /graph-annotations
PUT DELETE /graph-annotations/:id
GET /org
GET /users
DELETE /users/:id
GET POST /invitations
POST /invitations/revoke
GET POST /settings/ip-restriction/web
GET POST /settings/ip-restriction/api
GET /aws-integrations
`;

const endpoints = documented
  .split("\n")
  .filter((line) => line !== "")
  .flatMap((line) => {
    const words = line.split(" ");
    const path = words.at(-1) ?? "";
    return words.slice(0, -1).map((method) => ({ method, path }));
  });

/** What the contract tests describe. */
const described = readdirSync(import.meta.dirname)
  .filter((file) => /^v0-.*\.test\.ts$/u.test(file) && file !== "v0-endpoints.test.ts")
  .map((file) => readFileSync(join(import.meta.dirname, file), "utf8"))
  .join("\n");

/** Titles that a test builds from a list of owners of metadata. */
const metadata = /^(?:\/hosts\/:id|\/services\/:service|\/services\/:service\/roles\/:role)(\/metadata.*)$/u;

describe.each(endpoints)("$method $path", ({ method, path }) => {
  test("is served, to holders of a key only", async () => {
    const real = path.replaceAll(/:\w+/gu, "x");
    // Whether there is such a route is known before anybody asks for the key.
    const answer = await rig.ask(method, `/api/v0${real}?`, { key: "" });
    expect(answer.status, answer.text).toBe(401);
    expect(errorOf(answer)).toContain("X-Api-Key");
    expect((await rig.ask(method, `/api/v0${real}`, { key: "hb_key_11111111111_0000000000000000000000000000000000000000" })).status).toBe(
      401,
    );
  });

  test("has a contract test", () => {
    const [, end] = metadata.exec(path) ?? [];
    const titles = end === undefined ? [`"${method} ${path}"`] : [`\`${method} \${path}${end}\``, `path: "${path.slice(0, -end.length)}"`];
    expect(titles.filter((title) => !described.includes(title))).toEqual([]);
  });
});

test("a path that is none answers 404 in Mackerel's shape, whoever asks", async () => {
  const answer = await rig.ask("GET", "/api/v0/hostz?", { key: "" });
  expect([answer.status, errorOf(answer)]).toEqual([404, "There is nothing at GET /api/v0/hostz."]);
  expect((await rig.ask("DELETE", "/api/v0/org?")).status).toBe(404);
});
