/** A Standard Schema that takes every value: what an SDK's parse helpers need of it is the JSON Schema. */
export function toStandardSchema<T>(schema: Record<string, unknown>) {
  return {
    "~standard": {
      version: 1 as const,
      vendor: "test",
      types: undefined as { input: T; output: T } | undefined,
      validate: (value: unknown) => ({ value: value as T }),
      jsonSchema: { input: () => schema },
    },
  };
}
