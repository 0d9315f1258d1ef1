import { replaceAll, type RequestEdits } from "../edits.ts";
import { foldKeys } from "../go-json.ts";
import { isObject, type Json } from "../validate.ts";

/**
 * Applies a group's settings to a body of `/api/chat` or `/api/generate`. Keys come back in lower case: Ollama reads
 * them in any case, so an edit must find them in any.
 */
export function editRequest(body: Json, edits: RequestEdits): Json {
  const edited = foldKeys(body);
  if (Array.isArray(edited.messages)) editMessages(edited, edited.messages, edits);
  // Raw means "exactly this prompt": there is no place for a system prompt, nor for anything else.
  else if (edited.raw !== true) editPrompt(edited, edits);
  if (edits.dropTools?.length && Array.isArray(edited.tools))
    dropTools(edited, edited.tools, edits.dropTools);
  const { options } = edited;
  if (edits.temperatureRatio !== undefined && isObject(options) && typeof options.temperature === "number") {
    edited.options = { ...options, temperature: options.temperature * edits.temperatureRatio };
  }
  return edited;
}

function editMessages(body: Json, list: unknown[], { replace = [], prompt }: RequestEdits): void {
  const folded = list.map((message) => (isObject(message) ? foldKeys(message) : message));
  const count = folded.findIndex((message) => !isSystem(message));
  const rest = count === -1 ? [] : folded.slice(count);
  let system = (count === -1 ? folded : folded.slice(0, count)) as Json[];
  system = system.map((message) => ({ ...message, content: replaceAll(toText(message.content), replace) }));
  if (prompt?.mode === "replace") system = [];
  if (prompt?.position === "system") {
    // Into the last one: not every template puts several system messages together.
    const last = system.at(-1);
    if (last)
      system = [...system.slice(0, -1), { ...last, content: join(toText(last.content), prompt.text) }];
    else system = [{ role: "system", content: prompt.text }];
  } else if (prompt) addToUser(rest, prompt.text);
  body.messages = [...system, ...rest];
}

function addToUser(messages: unknown[], text: string): void {
  const at = messages.findIndex((message) => isObject(message) && toRole(message) === "user");
  const message = messages[at];
  if (isObject(message)) messages[at] = { ...message, content: join(text, toText(message.content)) };
  else messages.unshift({ role: "user", content: text });
}

function editPrompt(body: Json, { replace = [], prompt }: RequestEdits): void {
  const system = toText(body.system);
  if (system !== "") body.system = replaceAll(system, replace);
  if (!prompt) return;
  if (prompt.mode === "replace") delete body.system;
  if (prompt.position === "system") body.system = join(toText(body.system), prompt.text);
  else body.prompt = join(prompt.text, toText(body.prompt));
}

function dropTools(body: Json, tools: unknown[], names: readonly string[]): void {
  const dropped = new Set(names);
  const kept = tools.filter((tool) => !dropped.has(toToolName(tool)));
  if (kept.length) body.tools = kept;
  else delete body.tools;
}

function toToolName(tool: unknown): string {
  const callee = isObject(tool) ? foldKeys(tool).function : undefined;
  return isObject(callee) ? toText(foldKeys(callee).name) : "";
}

const toRole = (message: Json): string => toText(message.role).toLowerCase();
const isSystem = (message: unknown): boolean =>
  isObject(message) && (toRole(message) === "system" || toRole(message) === "developer");
const toText = (value: unknown): string => (typeof value === "string" ? value : "");
const join = (a: string, b: string): string => (a === "" ? b : b === "" ? a : `${a}\n\n${b}`);
