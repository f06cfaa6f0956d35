// The server of an image: what `qwik add node-server` writes, listening to every address.
// It starts nothing but Qwik, and reads nothing but PORT.
import { createQwikCity } from "@builder.io/qwik-city/middleware/node";
import qwikCityPlan from "@qwik-city-plan";
import { createServer } from "node:http";
import render from "./entry.ssr";

const { router, notFound, staticFile } = createQwikCity({ render, qwikCityPlan });
const server = createServer();
server.on("request", (request, response) => {
  staticFile(request, response, () => {
    router(request, response, () => {
      notFound(request, response, () => {});
    });
  });
});
server.listen(Number(process.env.PORT ?? 8080), "0.0.0.0");
