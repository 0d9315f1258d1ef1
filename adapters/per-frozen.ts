/**
 * `make`, worked out once for a list that is frozen: tools that many requests have in common are one list
 * (`server/known-tools.ts`). What it returns is shared then, and not to be changed.
 */
export function perFrozen<K extends readonly unknown[], T>(make: (list: K) => T): (list: K) => T {
  const known = new WeakMap<K, { value: T }>();
  return (list) => {
    if (!Object.isFrozen(list)) return make(list);
    let found = known.get(list);
    if (!found) known.set(list, (found = { value: make(list) }));
    return found.value;
  };
}
