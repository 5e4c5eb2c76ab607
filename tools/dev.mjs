// `npm run dev`: rebuilds and restarts the server at every change and serves the console with hot replacement. One Ctrl-C ends all of it.
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { inputOptions, outputOptions, bundles } from "./bundle.mjs";
import { dist, root } from "./paths.mjs";

const { watch } = await import("rolldown");
const { createServer } = await import("vite");

/** @type {import("node:child_process").ChildProcess | undefined} */
let server;
let isEnding = false;
/** Restarts follow each other, or two servers would fight for one data directory. */
let turn = Promise.resolve();

/** @returns {Promise<void>} */
function stopServer() {
  const running = server;
  server = undefined;
  if (running === undefined || running.exitCode !== null || running.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    running.once("exit", () => resolve());
    running.kill("SIGTERM");
  });
}

async function restartServer() {
  await stopServer();
  if (isEnding) return;
  server = spawn(process.execPath, ["--enable-source-maps", `${dist}/hinoban.js`, "server", ...process.argv.slice(2)], {
    cwd: root,
    stdio: "inherit",
  });
  server.once("exit", (code) => {
    if (!isEnding && code !== null && code !== 0) console.error(`The server ended with code ${code}; it starts again at the next change.`);
  });
}

// What stands in dist from now on is a development build: the next `npm start` makes its own.
rmSync(`${dist}/.stamp-server`, { force: true });
const watcher = watch(bundles.map((bundle) => ({ ...inputOptions(bundle), output: outputOptions(bundle) })));
watcher.on("event", (event) => {
  if (event.code === "ERROR") console.error(event.error.message);
  if (event.code === "BUNDLE_END" || event.code === "ERROR") void event.result.close();
  if (event.code === "END") turn = turn.then(restartServer);
});

const consoleServer = await createServer({ configFile: `${root}/vite.config.ts` });
await consoleServer.listen();
console.log("Console with hot replacement:");
consoleServer.printUrls();

async function end() {
  if (isEnding) return;
  isEnding = true;
  await Promise.allSettled([watcher.close(), consoleServer.close(), turn.then(stopServer)]);
  process.exit(0);
}
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.on(signal, () => void end());
