import { Ajv } from "ajv";
import { configSchema } from "./config.schema.ts";

/** Checks a configuration against its schema. Loading this file costs more than everything else of a start. */
export const validate = new Ajv({ allErrors: true, strict: false, verbose: true }).compile(configSchema);
