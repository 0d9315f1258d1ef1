/** `read`, worked out once for each name of a model, of which few are in use. What it returns is shared. */
export function perName<T>(read: (model: string) => T): (model: string) => T {
  const known = new Map<string, { value: T }>();
  return (model) => {
    if (model.length > LONGEST) return read(model);
    let found = known.get(model);
    if (!found) {
      // Names come from clients where a target leaves the model open.
      if (known.size >= MOST) known.clear();
      known.set(model, (found = { value: read(model) }));
    }
    return found.value;
  };
}

const MOST = 200;
/** Characters. */
const LONGEST = 256;
