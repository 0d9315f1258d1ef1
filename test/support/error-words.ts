import type { ErrorKind } from "../../adapters/errors.ts";

/** What `docs/errors.md` says of each kind: what it means, and what helps. A new kind does not compile without. */
export const KINDS: Record<ErrorKind, [meaning: string, remedy: string]> = {
  "invalid-request": [
    "The body, the path or a parameter is wrong.",
    "The message names the place and what was expected.",
  ],
  authentication: [
    "The client key is missing or wrong.",
    "`ccproxy key list`; [how keys are sent](keys.md#how-they-are-sent).",
  ],
  permission: ["The client key does not reach this.", "`ccproxy key show <name>`; `ccproxy key edit`."],
  "not-found": [
    "No such model, group, answer or route.",
    "The message lists what there is; `ccproxy model list`.",
  ],
  "method-not-allowed": ["The route wants another method.", "The message and the header `allow` name it."],
  "too-large": ["The body is larger than it may be.", "`server.maxBodyBytes`."],
  "rate-limit": [
    "A limit of the provider, of all its keys, or of the client key.",
    "Wait as long as `retry-after` says; more keys; [limits](routing.md#limits).",
  ],
  overloaded: ["The provider has too much to do.", "Try again; give the alias a second target."],
  "upstream-auth": [
    "The provider refused our key, or the key has no value.",
    "`ccproxy provider test <name> --all-keys`.",
  ],
  upstream: [
    "The provider cannot be reached, failed, or answered what cannot be read.",
    "`ccproxy doctor`; `ccproxy provider test <name>`.",
  ],
  timeout: ["The provider, or the client, took too long.", "`timeouts` of the provider."],
  unsupported: [
    "This provider's protocol cannot carry what is asked.",
    "Another target; [conversions](conversions.md).",
  ],
  unavailable: [
    "No target can be asked now, or the daemon ends.",
    "`ccproxy status` shows who rests; `ccproxy group explain <model>`.",
  ],
  cancelled: ["The client went away; only the log has it.", "Nothing."],
  internal: ["A fault of ccproxy.", "Please report it."],
};

/** The same of each code that ccproxy gives itself. */
export const CODES: Record<string, [meaning: string, remedy: string]> = {
  address_forbidden: ["The client key may not be used from this address.", "`ccproxy key edit --address`."],
  body_limit: [
    "Something in the body is more than may be: depth, keys, values, messages, tools.",
    "[What is let in](security.md#what-protects-it).",
  ],
  client_timeout: ["The client stopped reading its answer.", "Look at the client, or what is between."],
  connect_timeout: ["The provider could not be reached in time.", "Its address; `timeouts.connect`."],
  context_length_exceeded: [
    "The conversation is too long for the model.",
    "Shorten it; `failover.contextOverflow`.",
  ],
  empty_body: ["There is no body.", "Send a JSON object."],
  forbidden_key: ["A key in the body is `__proto__`, or `constructor.prototype`.", "Leave it out."],
  group_forbidden: ["The client key does not reach this group.", "`ccproxy key edit --group`."],
  group_not_found: ["The path names a group that there is not.", "`ccproxy group list`."],
  insufficient_quota: ["The provider's account is used up.", "Pay there, or give it another key."],
  integer_above_max_value: ["A number in the body is larger than it may be.", "The message says how large."],
  invalid_api_key: ["The client key is unknown, switched off or expired.", "`ccproxy key list`."],
  invalid_json: ["The body is no JSON.", "The message says where it breaks."],
  invalid_prompt: ["The prompt cannot be read.", "The message says what was expected."],
  method_not_allowed: ["The route wants another method.", "The message names it."],
  model_forbidden: ["The client key does not reach this model.", "`ccproxy key edit --model`."],
  model_not_found: [
    "No alias of the group fits the name, or the provider does not know the model.",
    "`ccproxy model list`; `ccproxy group explain <model>`.",
  ],
  no_embeddings: ["The target's protocol has no embeddings.", "Another target for this name."],
  no_target: [
    "Every target of the alias is switched off or left out.",
    "`ccproxy group explain <model>` says why.",
  ],
  not_supported: ["The route is there, but not what is asked of it.", "The message says what is."],
  previous_response_not_found: [
    "The earlier answer is not kept, or is another key's.",
    "Send the conversation; `server.keepResponses`.",
  ],
  private_address: [
    "The provider's name leads to a private address.",
    "`allowPrivate: true` of the provider, if that is meant.",
  ],
  protocol_forbidden: ["The client key does not speak this protocol.", "`ccproxy key edit --protocol`."],
  provider_key_missing: [
    "The variable or file that a provider key is read from holds nothing.",
    "Set it, then `ccproxy restart`.",
  ],
  provider_key_refused: ["The provider refused the key.", "`ccproxy provider test <name> --all-keys`."],
  rate_limit_exceeded: ["A limit is used up.", "Wait as long as `retry-after` says."],
  redirect: ["The provider answered with a redirect, which is never followed.", "Correct its `baseUrl`."],
  request_timeout: ["The body did not come in time.", "Look at the client, or what is between."],
  route_not_found: ["There is no such route.", "[The routes there are](http-routes.md)."],
  server_error: ["The provider failed.", "Try again; give the alias a second target."],
  server_overloaded: ["More requests run than may.", "`server.maxConcurrent`."],
  shutting_down: ["The daemon ends.", "Try again in a second."],
  thinking_not_supported: ["The model does not think.", "Ask without; `capabilities`."],
  thread_not_found: ["The conversation is not kept here.", "Send the whole of it."],
  too_many_connections: ["More connections are open than may.", "`server.maxConnections`."],
  too_many_wrong_keys: ["This address tried too many wrong keys.", "Wait a minute, and look at the key."],
  tools_not_supported: ["The model has no tools.", "[Compat mode](compat.md)."],
  two_keys: ["Two different client keys in one request.", "Send one."],
  unsupported: ["This provider's protocol cannot carry what is asked.", "Another target."],
  unsupported_content_encoding: [
    "The body is packed in a way that cannot be read.",
    "gzip, deflate or br; or none.",
  ],
};
