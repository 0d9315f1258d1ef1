import { describeFaults } from "./describe-faults.ts";
import { toProviders } from "./to-providers.ts";

describeFaults("gemini", toProviders("gemini"));
