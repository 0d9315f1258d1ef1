import type { BuildOptions } from "./adapter.ts";

/**
 * `read`, worked out once for every provider and model: `options` are the same object for a provider as long as its
 * configuration is in force. What it returns is shared, and not to be changed.
 */
export function perModel<T>(
  read: (options: BuildOptions | undefined, model: string) => T,
): (options: BuildOptions | undefined, model: string) => T {
  const known = new WeakMap<BuildOptions, Map<string, T>>();
  return (options, model) => {
    if (!options) return read(options, model);
    let models = known.get(options);
    if (!models) known.set(options, (models = new Map<string, T>()));
    if (models.has(model)) return models.get(model) as T;
    // Names of models come from clients where a target leaves the model open.
    if (models.size >= MOST) models.clear();
    const value = read(options, model);
    models.set(model, value);
    return value;
  };
}

const MOST = 200;
