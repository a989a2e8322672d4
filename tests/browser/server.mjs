// The real binary in a folder of its own, on a free port, with the demonstration's data.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const BINARY = resolve(HERE, process.env.SKRANKE_TEST_BIN ?? "../../target/debug/skranke");
const PATIENCE_MS = 60_000;

export const ARTEFACTS = join(HERE, "artefacts");
export const PASSWORD = "skranke-demo";

const running = new Set();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

/** Starts a server; `env` holds further settings (SKRANKE_…). */
export async function startServer(env = {}) {
  if (!existsSync(BINARY)) throw new Error(`there is no ${BINARY}: run \`cargo build --bin skranke\`, or set SKRANKE_TEST_BIN`);
  const server = new Server(mkdtempSync(join(tmpdir(), "skranke-browser-")), await freePort(), env);
  try {
    await server.start();
  } catch (thrown) {
    await server.stop("failed");
    throw thrown;
  }
  return server;
}

class Server {
  #child;
  #env;
  #chunks = [];

  constructor(folder, port, env) {
    this.folder = folder;
    // The demonstration keeps its key beside the data, in the same folder of ours.
    this.data = join(folder, "data");
    this.port = port;
    this.base = `http://127.0.0.1:${port}`;
    this.#env = env;
  }

  /** Starts it, or starts it again on the same data and the same port. */
  async start() {
    // The program refuses settings that it does not know, so ours are not passed on.
    const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SKRANKE_")));
    const child = spawn(BINARY, ["serve", "--demo", "--data", this.data, "--listen", `127.0.0.1:${this.port}`], {
      cwd: this.folder,
      env: { ...clean, SKRANKE_LIMITS_BURST: "1000", NO_COLOR: "1", ...this.#env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    running.add(child);
    child.stdout.on("data", (chunk) => this.#chunks.push(chunk));
    child.stderr.on("data", (chunk) => this.#chunks.push(chunk));
    this.gone = new Promise((done) => {
      child.once("exit", done);
      // It could not even be started.
      child.once("error", (error) => {
        this.#chunks.push(Buffer.from(String(error)));
        done();
      });
    }).then(() => running.delete(child));
    const deadline = Date.now() + PATIENCE_MS;
    while (Date.now() < deadline) {
      if (!running.has(child)) throw new Error(`the server ended:\n${this.output()}`);
      if (await this.#isReady()) return;
      await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error(`the server was not ready after ${PATIENCE_MS} ms:\n${this.output()}`);
  }

  async #isReady() {
    try {
      return (await fetch(`${this.base}/readyz`)).ok;
    } catch {
      return false;
    }
  }

  /** Power failure: no farewell, no flush. */
  async crash() {
    this.#child.kill("SIGKILL");
    await this.gone;
  }

  /** The program's own log, of all its runs. */
  output() {
    return Buffer.concat(this.#chunks).toString("utf8");
  }

  /** Names of the files under its folder in which `text` can be read. */
  filesWith(text) {
    const wanted = Buffer.from(text, "utf8");
    return readdirSync(this.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      .filter((file) => readFileSync(file).includes(wanted));
  }

  /** Stops it, keeps its output under `name`, and throws its data away. */
  async stop(name) {
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 10_000);
    await this.gone;
    clearTimeout(timer);
    mkdirSync(ARTEFACTS, { recursive: true });
    writeFileSync(join(ARTEFACTS, `${name}.server.log`), this.output());
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function freePort() {
  return new Promise((done, failed) => {
    const probe = createServer();
    probe.once("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}
