import { listen, type WorkerScope } from "./push-worker/listen.ts";

// The DOM's own types know no workers; what is used of them stands in WorkerScope.
listen(globalThis as unknown as WorkerScope);
