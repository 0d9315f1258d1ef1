/**
 * `make`, worked out once for what is frozen: tools that many requests have in common are one list
 * (`server/known-tools.ts`). What it returns is shared then, and not to be changed.
 */
export function perFrozen<K extends object, T>(make: (key: K) => T): (key: K) => T {
  const known = new WeakMap<K, { value: T }>();
  return (key) => {
    if (!Object.isFrozen(key)) return make(key);
    let found = known.get(key);
    if (!found) known.set(key, (found = { value: make(key) }));
    return found.value;
  };
}
