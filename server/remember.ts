/** `make`, worked out once for each of the keys asked for lately: for what few requests differ in. */
export function remember<T>(make: (key: string) => T, most = 500): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const value = make(key);
    // Some keys are made of what clients send.
    if (key.length > LONGEST) return value;
    if (known.size >= most) known.clear();
    known.set(key, value);
    return value;
  };
}

/** `make`, worked out once for each object, for as long as it is in use: a part of the configuration, an adapter. */
export function rememberFor<K extends object, T>(make: (key: K) => T): (key: K) => T {
  const known = new WeakMap<K, T>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) known.set(key, (value = make(key)));
    return value;
  };
}

/** Characters. */
const LONGEST = 1024;
