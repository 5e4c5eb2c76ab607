import { STATUS_CODES } from "node:http";
import { load } from "../load.mjs";

export const name = "errors";

/** What each code tells the one who gets it, and what to do. A new code without a line here fails the check. */
const meanings = {
  "bad-request": "The request could not be read: not JSON, a broken header, a wrong method. Correct the program that sent it.",
  conflict: "Somebody else changed the thing first, or it exists already. Read it again and decide anew.",
  "csrf-mismatch": "A change came from a browser without this session's CSRF token. Reload the page.",
  forbidden: "You are known, but your role does not allow this. The refusal is in the history. Ask a manager or an owner.",
  gone: "It existed and is finished for good: a used or expired invitation or set-up link, a retired host that refuses changes.",
  internal: "A fault of ours. The server's log has the cause beside the same request id.",
  "invalid-input": "The request was understood, but fields of it are wrong; `fields` names each one and what would be right.",
  locked: "Locked for a while after too many failed attempts. Wait for the time named in `Retry-After`.",
  "not-found": "Nothing of that id exists in your organisation. Another organisation's things answer the same.",
  "session-expired": "The session ended or somebody ended it. Log in again.",
  "storage-damaged": "Data on disk does not match its checksum. Nothing was guessed: run `hinoban doctor`.",
  "storage-full": "The disk is full, so nothing was accepted. Free space; agents keep their points and send them again.",
  timeout: "Something did not answer before its deadline. Trying again is safe where the method is.",
  "too-large": "The body is larger than this address takes. Nothing of it was read.",
  "too-many-requests": "Too fast. Wait for the time named in `Retry-After`.",
  unauthenticated: "No session and no API key, or one that is unknown, revoked, expired or used from a network it does not allow.",
  unavailable: "Cannot be served just now: starting, stopping, or the database is away. Try again.",
  "unsupported-media-type": "The body is of a type this address does not take; almost always it wants `application/json`.",
  "wrong-credentials":
    "The e-mail address or the password is wrong. Which of the two is not said, and an unknown address takes as long as a wrong password.",
};

export async function outputs() {
  const { errorCodes } = await load("src/base/errors.ts");
  const rows = Object.entries(errorCodes)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, status]) => {
      const meaning = meanings[/** @type {keyof typeof meanings} */ (code)];
      if (meaning === undefined) throw new Error(`tools/generate/errors.mjs does not say what '${code}' means`);
      return `| \`${code}\` | ${status} ${STATUS_CODES[status]} | ${meaning} |`;
    });
  return {
    "docs/reference/errors.md": `# Error codes

Generated from \`src/base/errors.ts\` by \`npm run generate\`; do not edit.

Every refusal of the API under \`/api/v1\` is a problem document (RFC 9457) whose \`code\` is one of these. A code never changes its meaning and is never used again for
something else; the sentence beside it may change. The Mackerel-compatible API under \`/api/v0\` answers with the same status in Mackerel's own shape.

| code | HTTP status | meaning |
|---|---|---|
${rows.join("\n")}
`,
  };
}
