/** Directory of an installed PostgreSQL's programs that the real-database tests shall run on instead of the embedded ones. */
export const testDatabaseBin: string | undefined = process.env["HINOBAN_TEST_DATABASE_BIN"] || undefined;
