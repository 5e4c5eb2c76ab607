import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const serverPort = process.env["HINOBAN_PORT"] ?? "8600";
const servedByServer = ["/api", "/healthz", "/readyz", "/metrics"];

export default defineConfig({
  root: "src/ui",
  plugins: [react()],
  build: {
    target: "es2022",
    outDir: "../../dist/ui",
    emptyOutDir: true,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1500,
    rolldownOptions: {
      input: { index: "src/ui/index.html", sw: "src/ui/sw.ts" },
      // A browser finds its worker again under the same address, whatever stands in it.
      output: { entryFileNames: ({ name }) => (name === "sw" ? "sw.js" : "assets/[name]-[hash].js") },
    },
  },
  server: {
    host: "127.0.0.1",
    proxy: Object.fromEntries(servedByServer.map((path) => [path, { target: `http://127.0.0.1:${serverPort}`, changeOrigin: false }])),
  },
});
