import {
  anyObject,
  array,
  boolean,
  count,
  is,
  name,
  nullable,
  number,
  object,
  oneOf,
  openObject,
  string,
  type Schema,
} from "./schema.ts";

/** Answers that are no chat, after the types of the official SDKs. */
const vector = { ...(array(number) as object), minItems: 1 };
const embeddings = (embedding: Schema): Schema =>
  object({
    object: is("list"),
    data: array(object({ object: is("embedding"), index: count, embedding })),
    model: name,
    usage: object({ prompt_tokens: count, total_tokens: count }),
  });
/** What a provider said of its model beyond OpenAI's fields goes along, as far as ccproxy knows it. */
const openaiModel = object(
  { id: name, object: is("model"), created: count, owned_by: name },
  { shutdown_date: nullable(string), context_length: count },
);

const isoTime = { type: "string", pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$" };
const claudeModel = object({
  type: is("model"),
  id: name,
  display_name: name,
  created_at: isoTime,
  capabilities: nullable(anyObject),
  line: nullable(anyObject),
  lifecycle: oneOf("active", "deprecated", "retired"),
  deprecated_at: nullable(string),
  retires_at: nullable(string),
  max_input_tokens: nullable(count),
  max_tokens: nullable(count),
});

const geminiModel = object(
  {
    name: { type: "string", pattern: "^(models|tunedModels)/." },
    version: name,
    displayName: name,
    description: name,
    supportedGenerationMethods: { ...(array(name) as object), minItems: 1 },
  },
  {
    inputTokenLimit: count,
    outputTokenLimit: count,
    temperature: number,
    maxTemperature: number,
    topP: number,
    topK: number,
    thinking: boolean,
  },
);
const embedding = object({ values: vector });

const details = object(
  { parent_model: string, format: string, family: string, families: nullable(array(string)) },
  { parameter_size: string, quantization_level: string, context_length: count, embedding_length: count },
);
const digest = { type: "string", pattern: "^[0-9a-f]{64}$" };
const goTime = {
  type: "string",
  pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?(Z|[+-]\\d\\d:\\d\\d)$",
};
const listed = { name, model: name, size: count, digest, details };
const positive = { type: "integer", minimum: 1 };

export const otherAnswers = {
  "openai embeddings": embeddings(vector),
  "openai embeddings in base64": embeddings({ type: "string", pattern: "^[A-Za-z0-9+/]+=*$" }),
  "openai models": object({ object: is("list"), data: array(openaiModel) }),
  "openai model": openaiModel,
  "openai-responses token count": object({ object: is("response.input_tokens"), input_tokens: count }),
  "claude models": object({
    data: array(claudeModel),
    has_more: boolean,
    first_id: nullable(name),
    last_id: nullable(name),
  }),
  "claude model": claudeModel,
  "claude token count": object({ input_tokens: count }, { context_management: nullable(anyObject) }),
  "gemini embedding": object({ embedding }, { usageMetadata: anyObject }),
  "gemini embeddings": object({ embeddings: array(embedding) }, { usageMetadata: anyObject }),
  "gemini models": object({ models: array(geminiModel) }, { nextPageToken: string }),
  "gemini model": geminiModel,
  "gemini token count": object(
    { totalTokens: count },
    {
      promptTokensDetails: array(object({ modality: name, tokenCount: count })),
      cachedContentTokenCount: count,
    },
  ),
  "ollama embed": object(
    { model: name, embeddings: array(vector), total_duration: positive, load_duration: positive },
    { prompt_eval_count: positive },
  ),
  "ollama embeddings": object({ embedding: vector }),
  "ollama tags": object({
    models: array(
      object(
        { ...listed, modified_at: goTime },
        { capabilities: array(name), remote_model: name, remote_host: name },
      ),
    ),
  }),
  "ollama ps": object({
    models: array(object({ ...listed, expires_at: goTime, size_vram: count }, { context_length: count })),
  }),
  "ollama show": object(
    {
      modelfile: string,
      parameters: string,
      template: string,
      details,
      model_info: openObject({ "general.architecture": name }),
      capabilities: { ...(array(name) as object), minItems: 1 },
      modified_at: goTime,
    },
    {
      license: string,
      system: string,
      messages: array(anyObject),
      projector_info: anyObject,
      tensors: array(anyObject),
    },
  ),
  "ollama version": object({ version: { type: "string", pattern: "^\\d+\\.\\d+\\.\\d+$" } }),
} satisfies Record<string, Schema>;
