/** Makes dist/ from src/, for import and for require. npm calls it before it packs, links or installs this folder. */

import { execFileSync } from "node:child_process";
import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const TSC = "node_modules/typescript/bin/tsc";
const FRESH = "dist.new";
const run = (program, ...words) =>
  execFileSync(program, words, {
    stdio: "inherit",
    shell: program === "npm" && process.platform === "win32",
  });
const compile = (project, to) => run(process.execPath, TSC, "-p", project, "--outDir", to);

// A fresh clone that is packed, or installed into another project, has nothing to build with yet.
if (!existsSync(TSC)) run("npm", "ci", "--include=dev", "--ignore-scripts", "--no-audit", "--no-fund");
rmSync(FRESH, { recursive: true, force: true });
compile("tsconfig.build.json", FRESH);
compile("tsconfig.cjs.json", `${FRESH}/cjs`);
writeFileSync(`${FRESH}/cjs/package.json`, '{ "type": "commonjs" }\n');
rmSync("dist", { recursive: true, force: true });
renameSync(FRESH, "dist");
