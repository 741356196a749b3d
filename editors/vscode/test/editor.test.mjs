// The packaged extension in VS Code itself, as code-server brings it: a folder is opened, its problems are read from
// the panel, the file is saved, and what is on disk afterwards is compared.
//
// CODE_SERVER names code-server's `entry.js`, CHROMIUM the browser, WIXLINT the program. `../test` sees to all three.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

const LATE = `<Wix xmlns="http://wixtoolset.org/schemas/v4/wxs">
  <Package Name="Agent" Manufacturer="Harbor" Version="1.0.0">
    <CustomAction Id="Join" Property="JOINED" Value="[MsiRestartManagerSessionKey]" />
    <InstallExecuteSequence>
      <Custom Action="Join" After="InstallFiles" />
    </InstallExecuteSequence>
  </Package>
</Wix>
`;

const PROBLEM =
  "`Join` reads MsiRestartManagerSessionKey at 4001, after InstallValidate (1400) has cleared it";

const REPAIRED = LATE.replace('After="InstallFiles"', 'Before="InstallValidate"');

const SETTINGS = {
  "editor.codeActionsOnSave": { "source.fixAll.wixlint": "explicit" },
  "workbench.startupEditor": "none",
};

let root, folder, server, browser, page;

before(async () => {
  root = await mkdtemp(join(tmpdir(), "wixlint-vscode-"));
  folder = join(root, "installer");
  await mkdir(folder);
  await writeFile(join(folder, "Package.wxs"), LATE);
  await settings("User", SETTINGS);
  await settings("Machine", { "wixlint.path": process.env.WIXLINT });
  const code = [process.env.CODE_SERVER, "--user-data-dir", join(root, "user"), "--extensions-dir", join(root, "extensions")];
  await promisify(execFile)(process.execPath, [...code, "--install-extension", "dist/wixlint.vsix"], environment());
  const options = ["--auth", "none", "--bind-addr", "127.0.0.1:0", "--disable-telemetry", "--disable-update-check", "--disable-workspace-trust"];
  server = spawn(process.execPath, [...code, ...options], { ...environment(), stdio: ["ignore", "pipe", "inherit"] });
  const address = await addressOf(server.stdout);
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
  page = await browser.newPage();
  await page.goto(`${address}?folder=${encodeURIComponent(folder)}`);
  await page.locator(".monaco-workbench").waitFor();
});

after(async () => {
  await browser?.close();
  if (server?.exitCode === null) {
    server.kill();
    await once(server, "exit");
  }
  await rm(root, { recursive: true, force: true });
});

/** Nothing of the machine's own configuration has a part. */
function environment() {
  return { env: { ...process.env, HOME: root, XDG_CONFIG_HOME: join(root, "config"), XDG_DATA_HOME: join(root, "data") } };
}

/** What is set for the user, or for the machine that the server is on. */
async function settings(whose, values) {
  await mkdir(join(root, "user", whose), { recursive: true });
  await writeFile(join(root, "user", whose, "settings.json"), JSON.stringify(values));
}

async function addressOf(output) {
  for await (const line of createInterface({ input: output })) {
    const address = /listening on (http\S+)/.exec(line);
    if (address) {
      output.resume();
      return address[1];
    }
  }
  throw new Error("code-server has ended");
}

async function run(command) {
  await page.keyboard.press("F1");
  await page.locator(".quick-input-widget input").fill(`>${command}`);
  await page.locator(".quick-input-list .monaco-list-row", { hasText: command }).first().waitFor();
  await page.keyboard.press("Enter");
}

async function onDisk(expected) {
  let text;
  for (let tries = 0; tries < 100; tries++) {
    text = await readFile(join(folder, "Package.wxs"), "utf8");
    if (text === expected) {
      return;
    }
    await sleep(100);
  }
  assert.equal(text, expected);
}

test("a late reader is shown, repaired on save, and gone", async () => {
  await run("View: Focus Problems");
  await page.locator(".markers-panel").getByText(PROBLEM).waitFor();
  await page.keyboard.press("ControlOrMeta+P");
  await page.locator(".quick-input-widget input").fill("Package.wxs");
  await page.locator(".quick-input-list .monaco-list-row", { hasText: "Package.wxs" }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.locator(".view-line", { hasText: "After" }).first().waitFor();
  await page.locator(".view-line", { hasText: "After" }).first().click();
  await page.keyboard.press("ControlOrMeta+S");
  await onDisk(REPAIRED);
  await page.locator(".markers-panel").getByText("No problems have been detected").waitFor();
});

test("where there is no program, it is said what to do, and that helps", async () => {
  await writeFile(join(folder, "Package.wxs"), LATE);
  await page.locator(".markers-panel").getByText(PROBLEM).waitFor();
  const program = join(root, "wixlint.exe");
  await settings("Machine", { "wixlint.path": program });
  await page.getByText(`\`${program}\` is not found. Install wixlint so that it is on the PATH`).first().waitFor();
  await page.locator(".markers-panel").getByText("No problems have been detected").waitFor();
  await symlink(process.env.WIXLINT, program);
  await run("wixlint: Restart Server");
  await page.locator(".markers-panel").getByText(PROBLEM).waitFor();
});
