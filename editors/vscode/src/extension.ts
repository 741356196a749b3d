// Starts `wixlint server` where WiX sources are open, and says what to do where it cannot be started.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as vscode from "vscode";
import { LanguageClient } from "vscode-languageclient/node";

const PATTERN = "**/*.{wxs,wxi}";
/** Every language that such a file may be taken for: XML, or what another extension says. */
const SOURCES = { scheme: "file", pattern: PATTERN };

let client: LanguageClient | undefined;
/** Starts and stops happen one after the other. */
let last: Promise<void> = Promise.resolve();

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  context.subscriptions.push(
    vscode.commands.registerCommand("wixlint.restart", restart),
    vscode.workspace.onDidChangeConfiguration((change) => {
      const concerns = ["wixlint.path", "wixlint.arguments"].some((name) => change.affectsConfiguration(name));
      return concerns ? restart() : undefined;
    }),
    // XML that is not WiX needs no server.
    vscode.workspace.onDidOpenTextDocument((document) => (isSource(document) && !client ? restart() : undefined)),
  );
  const isWanted =
    vscode.workspace.textDocuments.some(isSource) || (await vscode.workspace.findFiles(PATTERN, undefined, 1)).length > 0;
  if (isWanted) {
    await restart();
  }
}

export function deactivate(): Promise<void> {
  return inTurn(stop);
}

function isSource(document: vscode.TextDocument): boolean {
  return vscode.languages.match(SOURCES, document) > 0;
}

function restart(): Promise<void> {
  return inTurn(async () => {
    await stop();
    await start();
  });
}

function inTurn(step: () => Promise<void>): Promise<void> {
  last = last.then(step, step);
  return last;
}

async function start(): Promise<void> {
  const settings = vscode.workspace.getConfiguration("wixlint");
  const command = settings.get("path", "wixlint");
  const args = ["server", ...settings.get<string[]>("arguments", [])];
  try {
    // Says what is wrong with the arguments; a server that ends at once says only that it did.
    await promisify(execFile)(command, [...args, "--help"]);
  } catch (error) {
    // Not waited for: the message may stand there for hours.
    void complain(command, error);
    return;
  }
  client = new LanguageClient("wixlint", "wixlint", { command, args }, { documentSelector: [SOURCES] });
  await client.start();
}

async function stop(): Promise<void> {
  const stopped = client;
  client = undefined;
  await stopped?.dispose();
}

async function complain(command: string, error: unknown): Promise<void> {
  const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
  const reason = isMissing
    ? `\`${command}\` is not found. Install wixlint so that it is on the PATH, or say in wixlint.path where it is`
    : `wixlint cannot be started. See to wixlint.path and wixlint.arguments: ${String(error)}`;
  const open = "Open Settings";
  if ((await vscode.window.showErrorMessage(reason, open)) === open) {
    await vscode.commands.executeCommand("workbench.action.openSettings", "@ext:wixlint.wixlint");
  }
}
