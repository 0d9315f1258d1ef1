import type { Tool, ToolChoice } from "../../adapters/unified.ts";
import { toFunctionTool } from "../../adapters/custom-tools.ts";
import { breakMarkers } from "./break-markers.ts";
import type { Complaint } from "./emulate-tools.ts";

/** What a model is told whose call failed: the error, the schema it is about, the names there are. */
export function writeComplaint(
  complaint: Complaint,
  tools: readonly Tool[],
  choice: ToolChoice | undefined,
): string {
  const lines: string[] = [];
  for (const { call } of complaint.failures) {
    if (call.kind === "unknown") {
      lines.push(
        `There is no tool named ${quote(call.name)}. The tools are: ${tools.map((tool) => tool.name).join(", ")}.`,
      );
    } else if (call.kind === "unwanted") {
      lines.push(`Not the tool ${quote(call.name)}: ${demand(choice)}`);
    } else if (call.kind === "misfit" || call.kind === "broken") {
      const tool = tools.find((candidate) => candidate.name === call.name);
      const schema = tool ? JSON.stringify(toFunctionTool(tool).parameters) : "";
      const problems = call.kind === "misfit" ? call.problems : ["they must be one object"];
      lines.push(`The call of ${quote(call.name)} has wrong arguments: ${problems.slice(0, 5).join("; ")}.`);
      if (schema !== "" && schema.length < 8000) lines.push(`Its parameters are: ${schema}`);
    }
  }
  if (lines.length === 0) lines.push(demand(choice));
  else
    lines.push(
      "Make this call again, corrected, in the same notation. Calls that were right are done; do not repeat them.",
    );
  return breakMarkers(lines.join("\n"));
}

const demand = (choice: ToolChoice | undefined): string =>
  typeof choice === "object"
    ? `You must call the tool ${quote(choice.name)} now.`
    : "You must call a tool now.";

const quote = (name: string): string => JSON.stringify(name.slice(0, 128));
