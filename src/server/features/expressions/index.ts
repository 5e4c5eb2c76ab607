export { evaluateExpression, readExpression, type ExpressionDeps, type ExpressionValue } from "./expressions.ts";
export { parseExpression } from "./parse.ts";
export { registerExpressions } from "./routes.ts";
