// `npm start`: builds when the sources changed, then becomes the server. Words after `--` go to `hinoban server`.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { pathToFileURL } from "node:url";
import { dist, root } from "./paths.mjs";
import { isCurrent } from "./stamp.mjs";

if (!isCurrent("server") || !isCurrent("ui")) {
  // In a process of its own, whose memory goes back to the machine when it ends.
  const builder = spawn(process.execPath, [`${root}/tools/build.mjs`], { stdio: "inherit" });
  const [code, signal] = await once(builder, "exit");
  if (code !== 0) {
    console.error(signal === null ? "The build failed; see above." : `The build was ended by ${signal}.`);
    process.exit(code ?? 1);
  }
}

const program = `${dist}/hinoban.js`;
process.argv = [process.execPath, program, "server", ...process.argv.slice(2)];
process.setSourceMapsEnabled(true);
await import(pathToFileURL(program).href);
