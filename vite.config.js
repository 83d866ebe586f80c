// Builds static/dist: hashed files and the manifest that the `vite_asset` template tag reads.
import { defineConfig } from "vite";

export default defineConfig({
  base: "/static/dist/",
  publicDir: false,
  build: {
    outDir: "static/dist",
    emptyOutDir: true,
    manifest: true,
    target: "es2022",
    cssTarget: ["chrome123", "firefox128", "safari17.5"],
    // An inlined font or icon would be a data: URL, which the content policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rollupOptions: {
      input: ["static/js/app.js", "static/js/chart.js"],
      // htmx holds an eval that its allowEval=false (base.html) and the content policy both keep shut.
      checks: { eval: false },
    },
  },
});
