export { evaluateExpression, readExpression, type ExpressionDeps, type ExpressionSeries, type ExpressionValue } from "./expressions.ts";
export { parseExpression } from "./parse.ts";
export { registerExpressions } from "./routes.ts";
