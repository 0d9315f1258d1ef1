import { describeFaults } from "./describe-faults.ts";
import { toProviders } from "./to-providers.ts";

describeFaults("openai-responses", toProviders("openai-responses"));
