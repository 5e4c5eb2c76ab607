const pollEvery = 25;

/** Waits until `condition` holds, asking again and again. @throws when it does not within `withinMs`; what the condition throws is thrown at once. */
export async function until(what: string, withinMs: number, condition: () => unknown): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`It did not happen within ${withinMs} ms: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, pollEvery));
  }
}
