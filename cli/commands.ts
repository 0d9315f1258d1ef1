import type { Entry } from "./entry.ts";

/** Every command there is. */
export const commands: Record<string, Entry> = {
  init: { summary: "Set up providers and models, step by step.", load: () => import("./wizard/init.ts") },
  serve: { summary: "Run the daemon in the foreground.", load: () => import("./serve.ts") },
  start: { summary: "Run the daemon in the background.", load: () => import("./start.ts") },
  stop: { summary: "End the background daemon.", load: () => import("./stop.ts") },
  restart: { summary: "End the background daemon and start it again.", load: () => import("./restart.ts") },
  status: {
    summary: "Show whether the daemon runs, where, and what it serves.",
    load: () => import("./status.ts"),
  },
  logs: { summary: "Show the end of the background daemon's log.", load: () => import("./logs.ts") },
  usage: {
    summary: "Show what was used, by key, alias, model, provider, target or day.",
    load: () => import("./usage.ts"),
  },
  reload: { summary: "Have the daemon read its configuration now.", load: () => import("./reload.ts") },
  run: { summary: "Ask a model, or talk with it.", load: () => import("./run-model.ts") },
  list: { summary: "List the models that clients see.", load: () => import("./list.ts") },
  ls: { summary: "The same as list.", load: () => import("./list.ts"), hidden: true },
  show: { summary: "Show what a model can do.", load: () => import("./show.ts") },
  ps: { summary: "List the models that are loaded.", load: () => import("./ps.ts") },
  pull: { summary: "Say why nothing has to be pulled.", load: () => import("./pull.ts") },
  launch: {
    summary: "Run an agent through the daemon; nothing of yours is changed.",
    load: () => import("./launch.ts"),
  },
  code: { summary: "The same as 'launch claude'.", load: () => import("./code.ts") },
  setup: {
    summary: "Point agents at the daemon in their own settings, field by field.",
    load: () => import("./setup.ts"),
  },
  restore: { summary: "Take back what setup set, and nothing else.", load: () => import("./restore.ts") },
  use: { summary: "Make a group the active one, which /switch serves.", load: () => import("./use.ts") },
  env: { summary: "Print the variables that point agents at the daemon.", load: () => import("./env.ts") },
  provider: {
    summary: "Services that are called.",
    children: {
      add: { summary: "Add a provider.", load: () => import("./provider/add.ts") },
      list: { summary: "List the providers.", load: () => import("./provider/list.ts") },
      show: { summary: "Show a provider.", load: () => import("./provider/show.ts") },
      edit: { summary: "Change a provider.", load: () => import("./provider/edit.ts") },
      remove: { summary: "Remove a provider.", load: () => import("./provider/remove.ts") },
      test: {
        summary: "Try providers: name, connection, key, models, chat, tool call, stream.",
        load: () => import("./provider/test.ts"),
      },
      key: {
        summary: "A provider's keys.",
        children: {
          list: {
            summary: "List a provider's keys and how they do.",
            load: () => import("./provider/key/list.ts"),
          },
          test: { summary: "Try a provider's keys.", load: () => import("./provider/key/test.ts") },
          add: { summary: "Give a provider a further key.", load: () => import("./provider/key/add.ts") },
          remove: {
            summary: "Take a key away from a provider.",
            load: () => import("./provider/key/remove.ts"),
          },
          enable: { summary: "Use a key again.", load: () => import("./provider/key/enable.ts") },
          disable: {
            summary: "Keep a key without using it.",
            load: () => import("./provider/key/disable.ts"),
          },
          clear: {
            summary: "Let keys that rest be asked again at once.",
            load: () => import("./provider/key/clear.ts"),
          },
        },
      },
    },
  },
  group: {
    summary: "Named sets of aliases and settings, chosen by the path.",
    children: {
      add: { summary: "Add a group.", load: () => import("./group/add.ts") },
      list: { summary: "List the groups.", load: () => import("./group/list.ts") },
      show: { summary: "Show a group.", load: () => import("./group/show.ts") },
      edit: { summary: "Change a group.", load: () => import("./group/edit.ts") },
      explain: {
        summary: "Say how a request would be routed, without asking anybody.",
        load: () => import("./group/explain.ts"),
      },
      remove: { summary: "Remove a group.", load: () => import("./group/remove.ts") },
    },
  },
  model: {
    summary: "Aliases: the names clients ask for, and the targets behind them.",
    children: {
      add: { summary: "Add an alias to a group.", load: () => import("./model/add.ts") },
      list: { summary: "List the aliases.", load: () => import("./model/list.ts") },
      show: { summary: "Show an alias.", load: () => import("./model/show.ts") },
      edit: { summary: "Change an alias.", load: () => import("./model/edit.ts") },
      remove: { summary: "Remove an alias, or one target of it.", load: () => import("./model/remove.ts") },
    },
  },
  key: {
    summary: "Clients' keys to the daemon.",
    children: {
      add: { summary: "Make a key and print it, once.", load: () => import("./key/add.ts") },
      list: { summary: "List the keys.", load: () => import("./key/list.ts") },
      show: { summary: "Show a key's settings.", load: () => import("./key/show.ts") },
      edit: { summary: "Change a key's settings.", load: () => import("./key/edit.ts") },
      remove: { summary: "Remove a key: it is refused from then on.", load: () => import("./key/remove.ts") },
    },
  },
  config: {
    summary: "The configuration file.",
    children: {
      path: { summary: "Print where it is.", load: () => import("./config/path.ts") },
      get: { summary: "Print a field of it.", load: () => import("./config/get.ts") },
      set: { summary: "Change a field of it.", load: () => import("./config/set.ts") },
      unset: { summary: "Remove a field of it.", load: () => import("./config/unset.ts") },
      edit: {
        summary: "Open it in your editor; it is checked before it is taken.",
        load: () => import("./config/edit.ts"),
      },
      diff: {
        summary: "Show what changed since a version that served before.",
        load: () => import("./config/diff.ts"),
      },
      rollback: {
        summary: "Go back to a version that served before.",
        load: () => import("./config/rollback.ts"),
      },
      validate: {
        summary: "Say everything that is wrong with it, and where.",
        load: () => import("./config/validate.ts"),
      },
      schema: { summary: "Print its JSON Schema.", load: () => import("./config/schema.ts") },
    },
  },
  doctor: {
    summary: "Look for what is wrong, and say what helps.",
    load: () => import("./doctor/doctor.ts"),
  },
  import: {
    summary: "Take over providers, aliases and rules from another program's configuration.",
    load: () => import("./import/import.ts"),
  },
  export: { summary: "Print the configuration with its secrets masked.", load: () => import("./export.ts") },
  service: {
    summary: "Have the system start the daemon at login.",
    children: {
      install: { summary: "Install and start the service.", load: () => import("./service/install.ts") },
      uninstall: { summary: "End and remove the service.", load: () => import("./service/uninstall.ts") },
      status: {
        summary: "Show whether it is installed and runs.",
        load: () => import("./service/status.ts"),
      },
    },
  },
  completion: {
    summary: "Print the script that completes commands and names in a shell.",
    load: () => import("./completion.ts"),
  },
  __complete: {
    summary: "List what may come next in a command line.",
    load: async () => ({ default: (await import("./complete.ts")).createComplete(commands) }),
    hidden: true,
  },
  version: { summary: "Print the version.", load: () => import("./version.ts") },
};
