/** What the page asks of the server that it comes from, answered for the system on this machine. */

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Connect, Plugin } from "vite";

const HOME = process.env.FRAMESTREAM_LOCAL_DIR ?? fileURLToPath(new URL("../../.local", import.meta.url));
const LIFETIME = 3600;

interface Endpoints {
  http_url: string;
  jwt_secret: string;
}

/** `GET /framestream.json` says where the system is, `POST /token` signs a demo user in. */
export function localSystem(): Plugin {
  const answer: Connect.NextHandleFunction = (request, response, next) => {
    const say = (content: object) => {
      response.setHeader("content-type", "application/json");
      response.setHeader("cache-control", "no-store");
      response.end(JSON.stringify(content));
    };
    if (request.url === "/framestream.json") return say({ httpUrl: endpoints().http_url });
    if (request.url !== "/token" || request.method !== "POST") return next();
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const { userId, lifetime = LIFETIME } = JSON.parse(body) as { userId: string; lifetime?: number };
      say({ token: tokenFor(userId, lifetime) });
    });
  };
  return {
    name: "framestream-local-system",
    configureServer: ({ middlewares }) => void middlewares.use(answer),
    configurePreviewServer: ({ middlewares }) => void middlewares.use(answer),
  };
}

function endpoints(): Endpoints {
  return JSON.parse(readFileSync(join(resolve(HOME), "endpoints.json"), "utf8")) as Endpoints;
}

function tokenFor(userId: string, lifetime: number): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (content: object) => Buffer.from(JSON.stringify(content)).toString("base64url");
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub: userId, iat: now, exp: now + lifetime })}`;
  return `${signed}.${createHmac("sha256", endpoints().jwt_secret).update(signed).digest("base64url")}`;
}
