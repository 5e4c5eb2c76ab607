// Lint rules of our own. They are guards, not proofs: the tests of each verb pin the behaviour.

const clockCalls = new Set([
  "Date.now",
  "performance.now",
  "process.hrtime",
  "process.hrtime.bigint",
  "AbortSignal.timeout",
  "setTimeout",
  "setInterval",
  "globalThis.setTimeout",
  "globalThis.setInterval",
]);
const writes = new Set(["insertInto", "updateTable", "deleteFrom", "mergeInto"]);

/** The dotted name of `a`, `a.b` or `a.b.c`; empty for anything else. */
function nameOf(node) {
  if (node.type === "Identifier") return node.name;
  if (node.type !== "MemberExpression" || node.computed) return "";
  const owner = nameOf(node.object);
  return owner === "" ? "" : `${owner}.${node.property.name}`;
}

/** The table that a query builder's call writes, "?" when it is not a plain string, undefined when the call writes nothing. */
function writtenTable(call) {
  if (call.callee.type !== "MemberExpression" || !writes.has(call.callee.property.name)) return undefined;
  const table = call.arguments[0]?.value;
  return typeof table === "string" ? table.split(" ")[0] : "?";
}

const featureOf = (context) => /[\\/]features[\\/]([^\\/]+)[\\/]/.exec(context.filename)?.[1];

const noAmbientTime = {
  create(context) {
    const report = (node, what) => context.report({ node, message: `${what} reads the machine's clock. Use the injected Clock.` });
    return {
      CallExpression(node) {
        const name = nameOf(node.callee);
        if (clockCalls.has(name)) report(node, name);
        if (name === "Date") report(node, "Date()");
      },
      NewExpression(node) {
        if (nameOf(node.callee) === "Date" && node.arguments.length === 0) report(node, "new Date()");
      },
    };
  },
};

/** A file of a feature that changes data records what it did: it calls record(tx, entry), or a local function whose name starts with "record". */
const recordedMutations = {
  create(context) {
    let write;
    let isRecorded = false;
    return {
      Program() {
        write = undefined;
        isRecorded = false;
      },
      CallExpression(node) {
        if (writtenTable(node) !== undefined) write ??= node;
        if (/(^|[.])record([A-Z]\w*)?$/.test(nameOf(node.callee))) isRecorded = true;
      },
      "Program:exit"() {
        if (write !== undefined && !isRecorded)
          context.report({ node: write, message: "This file changes data but never calls record(tx, entry)." });
      },
    };
  },
};

/** Tables are named <feature>_<noun>; only that feature writes them. */
const ownTables = {
  create: (context) => ({
    CallExpression(node) {
      const feature = featureOf(context);
      const table = writtenTable(node);
      if (feature === undefined || table === undefined || table === "?") return;
      if (!table.startsWith(`${feature}_`))
        context.report({ node, message: `'${feature}' may not write '${table}': call a verb of its owner.` });
    },
  }),
};

/** `as` overrules the compiler, so a comment on its line, or on the line above the expression or its statement, says why it is right. `as const` is no assertion. */
const statedAssertions = {
  create(context) {
    const source = context.sourceCode;
    const commented = new Set();
    const statementOf = (node) => {
      let at = node;
      while (at.parent && !/Statement$|Declaration$|^(PropertyDefinition|MethodDefinition|Property|VariableDeclarator)$/.test(at.type))
        at = at.parent;
      return at;
    };
    return {
      Program() {
        commented.clear();
        for (const comment of source.getAllComments()) {
          for (let line = comment.loc.start.line; line <= comment.loc.end.line; line += 1) commented.add(line);
        }
      },
      TSAsExpression(node) {
        if (node.typeAnnotation.typeName?.name === "const" || node.parent.type === "TSAsExpression") return;
        const lines = [node, statementOf(node)].flatMap(({ loc }) => [loc.start.line - 1, loc.start.line, loc.end.line]);
        if (!lines.some((line) => commented.has(line)))
          context.report({ node, message: "Say in a comment why this `as` is right, or narrow the value instead." });
      },
    };
  },
};

const plugin = {
  meta: { name: "hinoban" },
  rules: {
    "no-ambient-time": noAmbientTime,
    "recorded-mutations": recordedMutations,
    "own-tables": ownTables,
    "stated-assertions": statedAssertions,
  },
};

export default plugin;
