// Every path of this repository that a document cites exists: a link's target, or a path in `code` marks that begins with one of our folders.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import { root } from "./paths.mjs";

const folders = ["src", "test", "tools", "docs", "bench", "packaging", ".ci"];
const cited = new RegExp(`^(?:${folders.map((folder) => folder.replace(".", "[.]")).join("|")})/[^\\s*{}<>$|]*$`);

const documents = [
  ...readdirSync(root).filter((file) => file.endsWith(".md")),
  ...["docs", "src"].flatMap((folder) =>
    readdirSync(`${root}/${folder}`, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".md"))
      .map((file) => `${folder}/${file.replaceAll("\\", "/")}`),
  ),
];

/**
 * @param {string} document
 * @param {string} text without fenced blocks
 * @returns {string[]} paths from the root of the repository
 */
function pathsIn(document, text) {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target.replace(/[#?].*$/, ""))
    .filter((target) => target !== "" && !/^[a-z]+:/i.test(target))
    .map((target) => join(dirname(document), decodeURI(target)));
  const marks = [...text.matchAll(/`([^`\n]+)`/g)]
    .map(([, mark = ""]) => mark.replace(/[:#]\S*$/, "").replace(/…$/, ""))
    .filter((mark) => cited.test(mark) && !/[…,()]/.test(mark));
  return [...links, ...marks];
}

const missing = [];
let count = 0;
for (const document of documents) {
  const text = readFileSync(`${root}/${document}`, "utf8").replace(/^(```|~~~)[\s\S]*?^\1/gm, "");
  for (const path of new Set(pathsIn(document, text))) {
    count += 1;
    if (!existsSync(`${root}/${path}`)) missing.push(`${document} cites ${path}, which does not exist`);
  }
}

for (const line of missing) console.error(line);
console.log(`${count} cited paths in ${documents.length} documents, ${missing.length} missing`);
process.exitCode = missing.length > 0 ? 1 : 0;
