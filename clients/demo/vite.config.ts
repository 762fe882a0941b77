import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig, type ProxyOptions } from "vite";

export default defineConfig(({ command }) => ({
  plugins: [react()],
  // The client package is a link to a folder that has a React of its own, for its tests.
  resolve: { dedupe: ["react", "react-dom"] },
  server: { port: 5173, strictPort: true, proxy: command === "serve" ? system() : {} },
}));

/** Where the system is, and who signs in, is asked of the page's server that runs with it on this machine. */
function system(): Record<string, ProxyOptions> {
  const home = resolve(process.env.FRAMESTREAM_LOCAL_DIR ?? `${import.meta.dirname}/../../.local`);
  const endpoints = JSON.parse(readFileSync(`${home}/endpoints.json`, "utf8")) as { page_url: string };
  const target = endpoints.page_url;
  const proxy = { target, changeOrigin: true, headers: { origin: target } };
  return { "/framestream.json": proxy, "/token": proxy };
}
