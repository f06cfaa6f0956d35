// The build of that server, with the project's own settings.
import { nodeServerAdapter } from "@builder.io/qwik-city/adapters/node-server/vite";
import { extendConfig } from "@builder.io/qwik-city/vite";
import settings from "./vite.config";

export default extendConfig(settings, () => ({
  build: { ssr: true, rollupOptions: { input: ["src/entry.packwright.ts", "@qwik-city-plan"] } },
  plugins: [nodeServerAdapter({ name: "packwright" })],
}));
