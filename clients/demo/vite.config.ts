import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { localSystem } from "./local.ts";

export default defineConfig({
  plugins: [react(), localSystem()],
  // The client package is a link to a folder that has a React of its own, for its tests.
  resolve: { dedupe: ["react", "react-dom"] },
  server: { port: 5173, strictPort: true },
  preview: { port: 5173, strictPort: true },
});
