// The bundled file begins here; src/agent/main.ts alone does nothing, so that the command line can load it.
import { setFlagsFromString } from "node:v8";
import { agentMain } from "./main.ts";

// The agent makes little garbage: a small young generation is swept before it grows.
setFlagsFromString("--max-semi-space-size=1");

const code = await agentMain(process.argv.slice(2));
process.stdout.write("", () => process.exit(code)); // after everything that was printed
