// Reads emails with two foreign parsers, each in a process of its own that reads one after the other.
// An email that takes too long, or too much memory, costs its parser a new process.
//
//     node foreign.mjs MODULES [SECONDS [MEGABYTES]] < emails
//
// MODULES is the folder with node_modules. Standard input has a line of JSON for each email: its path,
// and at which bytes it starts and ends. Standard output has one for each answer, in the same order: an
// object with a key for each parser, each the parser's answer or {"error": "…"}.

import { fork } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { closeSync, openSync, readSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const [modules, seconds = "20", megabytes = "512"] = process.argv.slice(2);
// What parsers change about line ends and the end of a file.
const BLANKS = new Set(Buffer.from(" \t\r\n"));
const TEXT_BYTES = 100_000;
const decoder = new TextDecoder();

// Files that may be shown as text: by their type, or because the parser left them encoded.
const TEXTS = /^(text|message)\/|^[^/]*$/i;
const UUENCODED = /^\s*begin [0-7]{3,4} /;

const PARSERS = ["mailparser", "postal-mime"];

/** The bytes of one email. */
function bytesOf({ path, start, end }) {
    const data = Buffer.alloc(end - start);
    const file = openSync(path, "r");
    try {
        readSync(file, data, 0, data.length, start);
    } finally {
        closeSync(file);
    }
    return data;
}

/** Names and addresses of an address field in either parser's form, groups opened. */
function people(field) {
    return [field ?? []]
        .flat()
        .flatMap((entry) => entry.value ?? [entry])
        .flatMap((entry) => entry.group ?? [entry])
        .map(({ name, address }) => [name ?? "", address ?? ""]);
}

const sha256 = (data) => createHash("sha256").update(data).digest("hex");

function fileOf(name, kind, content) {
    const data = typeof content === "string" ? Buffer.from(content) : new Uint8Array(content ?? []);
    const start = decoder.decode(data.subarray(0, TEXT_BYTES));
    return {
        name: name || "",
        kind: kind || "",
        size: data.length,
        digest: sha256(data),
        gist: sha256(data.filter((byte) => !BLANKS.has(byte))),
        text: TEXTS.test(kind) || UUENCODED.test(start) ? start : "",
    };
}

function answer(email, files) {
    return {
        from: people(email.from),
        to: [email.to, email.cc, email.bcc].flatMap(people),
        date: email.date ?? null,
        subject: email.subject ?? "",
        text: email.text || "",
        html: email.html || "",
        files,
    };
}

const READ = {
    mailparser: (require) => {
        const { simpleParser } = require("mailparser");
        const options = { skipTextToHtml: true, skipHtmlToText: true, skipImageLinks: true };
        return async (data) => {
            const email = await simpleParser(data, options);
            return answer(
                email,
                email.attachments.map((file) =>
                    fileOf(file.filename, file.contentType, file.content)
                )
            );
        };
    },
    "postal-mime": (require) => {
        const PostalMime = require("postal-mime");
        return async (data) => {
            const email = await PostalMime.parse(data, { forceRfc822Attachments: true });
            return answer(
                email,
                email.attachments.map((file) => fileOf(file.filename, file.mimeType, file.content))
            );
        };
    },
};

/** What a process for one parser does: reads what it is sent. */
function serve(parser) {
    const read = READ[parser](createRequire(`${resolve(modules)}/`));
    process.on("message", async (email) => {
        try {
            process.send(await read(bytesOf(email)));
        } catch (error) {
            process.send({ error: `${error}` });
        }
    });
}

/** A parser in a process, which is started anew after an email that took too much. */
class Reader {
    constructor(parser) {
        this.parser = parser;
        this.child = null;
        this.settle = () => {};
    }

    start() {
        const child = fork(fileURLToPath(import.meta.url), [modules, this.parser], {
            execArgv: [`--max-old-space-size=${megabytes}`],
            stdio: ["ignore", "ignore", "ignore", "ipc"], // what a parser prints is no answer
        });
        // What a process says after it was given up is for no email.
        child.on("message", (found) => child === this.child && this.settle(found));
        child.on("error", (error) => child === this.child && this.fail(`${error}`));
        child.on("exit", () => child === this.child && this.fail("the process ended"));
        this.child = child;
    }

    fail(error) {
        this.stop();
        this.settle({ error });
    }

    stop() {
        const { child } = this;
        this.child = null;
        child?.kill("SIGKILL");
    }

    async read(email) {
        if (!this.child) {
            this.start();
        }
        const late = () => this.fail(`no answer within ${seconds} s`);
        const timer = setTimeout(late, Number(seconds) * 1000);
        const found = await new Promise((resolve) => {
            this.settle = resolve;
            this.child.send(email);
        });
        clearTimeout(timer);
        return found;
    }
}

async function main() {
    const readers = PARSERS.map((parser) => new Reader(parser));
    // None outlives us, in the middle of an email that never ends.
    process.on("exit", () => readers.forEach((reader) => reader.stop()));
    ["SIGINT", "SIGTERM"].forEach((signal) => process.on(signal, () => process.exit(1)));
    for await (const line of createInterface({ input: process.stdin })) {
        const email = JSON.parse(line);
        const answers = await Promise.all(readers.map((reader) => reader.read(email)));
        const entries = PARSERS.map((parser, index) => [parser, answers[index]]);
        if (!process.stdout.write(`${JSON.stringify(Object.fromEntries(entries))}\n`)) {
            await once(process.stdout, "drain");
        }
    }
    readers.forEach((reader) => reader.stop());
}

if (process.send) {
    serve(process.argv[3]);
} else {
    await main();
}
