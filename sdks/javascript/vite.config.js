// Builds static/dist/sdk: tributary.js for the snippet and tributary.mjs for import, both without dependencies.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const entry = (name) => fileURLToPath(new URL(`src/${name}.js`, import.meta.url));

export default defineConfig(({ mode }) => ({
  publicDir: false,
  build: {
    outDir: fileURLToPath(new URL("../../static/dist/sdk", import.meta.url)),
    emptyOutDir: false,
    target: "es2022",
    minify: true,
    rolldownOptions: { output: { minify: true } }, // a module keeps its blanks otherwise
    lib:
      mode === "module"
        ? { entry: entry("index"), formats: ["es"], fileName: () => "tributary.mjs" }
        : { entry: entry("script"), formats: ["iife"], name: "_tributary", fileName: () => "tributary.js" },
  },
}));
